import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../../../core/intake/estimate-tokens.ts';
import { prefixKey } from '../../../core/intake/prompt-prefix.ts';
import { CHAT, FLEETS, fleetOf } from './fixtures.ts';

describe('estimateTokens', () => {
  const at = { endpoint: CHAT, fleet: { contextTokens: 1000 } };
  it.each([
    [{}, 400, 100 + 256],
    [{ max_tokens: 50 }, 400, 150],
    [{ max_completion_tokens: 10, max_tokens: 50 }, 400, 110],
    [{ max_tokens: 10, n: 3 }, 400, 130],
    [{ max_tokens: 'many' }, 400, 356],
    [{ max_tokens: 1e9 }, 400, 1000],
    [{}, 1e6, 1000],
  ])('%j of %i bytes', (body, bytes, tokens) => expect(estimateTokens(body, bytes, at)).toBe(tokens));

  it('counts the input alone where nothing is generated', () => {
    const fleet = FLEETS[1] ?? fleetOf();
    expect(estimateTokens({ max_tokens: 5 }, 400, { endpoint: '/v1/embeddings', fleet })).toBe(100);
  });

  const query = 'q'.repeat(40);
  it.each([
    ['one text beyond the context', { input: 'x' }, 8000, 1000],
    ['three texts beyond the context of one', { input: ['x', 'y', 'z'] }, 8000, 2000],
    ['one text as tokens', { input: [1, 2, 3] }, 8000, 1000],
    [
      'a query that is read with each of four documents',
      { query, documents: ['a', 'b', 'c', 'd'] },
      400,
      130,
    ],
    ['two lists of one length', { text_1: ['a', 'b'], text_2: ['c', 'd'] }, 400, 100],
  ])('counts %s', (_what, body, bytes, tokens) => {
    expect(estimateTokens(body, bytes, { ...at, endpoint: '/v1/rerank' })).toBe(tokens);
  });
});

describe('prefixKey', () => {
  const chat = (system: unknown, user: string) => ({
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ],
  });
  it('is the same for Requests of one system prompt', () => {
    expect(prefixKey(chat('Be brief.', 'a'))).toBe(prefixKey(chat('Be brief.', 'b')));
    expect(prefixKey(chat('Be brief.', 'a'))).not.toBe(prefixKey(chat('Be kind.', 'a')));
  });
  it('is the same for Requests of one query', () => {
    expect(prefixKey({ query: 'a', documents: ['b'] })).toBe(prefixKey({ query: 'a', documents: ['c'] }));
    expect(prefixKey({ text_1: 'a', text_2: 'b' })).not.toBe(prefixKey({ text_1: 'c', text_2: 'b' }));
  });
  it('looks at the beginning of long prompts alone, and takes any shape', () => {
    const prompt = 'x'.repeat(600);
    expect(prefixKey({ prompt: `${prompt}a` })).toBe(prefixKey({ prompt: `${prompt}b` }));
    for (const odd of [{}, { messages: 5 }, { messages: [] }, { input: [[1, 2]] }, { prompt: null }]) {
      expect(prefixKey(odd)).toMatch(/^.{28}$/);
    }
  });
});
