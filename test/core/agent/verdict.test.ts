import { describe, expect, it } from 'vitest';
import { decideLine } from '../../../core/agent/line-decision.ts';
import { NO_USAGE, usageOf } from '../../../core/agent/usage.ts';
import { verdictOf } from '../../../core/agent/verdict.ts';

const CHAT = '/v1/chat/completions';
const answer = (statusCode: number, body: unknown) => ({
  statusCode,
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const choices = (...reasons: unknown[]) => ({ choices: reasons.map((finish_reason) => ({ finish_reason })) });

describe('verdictOf', () => {
  it.each(['stop', 'length', 'tool_calls', 'content_filter', 'function_call', 'repetition'])(
    'completes on %s',
    (reason) => {
      expect(verdictOf(CHAT, answer(200, choices(reason))).kind).toBe('completed');
    },
  );

  it.each([
    ['abort', choices('abort')],
    ['null', choices(null)],
    ['one unfinished choice of several', choices('stop', 'abort')],
    ['no choices', choices()],
    ['another object', { object: 'error' }],
    ['text', 'Bad gateway'],
    ['bytes that are not UTF-8', '{"choices":[{"finish_reason":"stop"}'],
  ])('takes 200 with %s for unfinished', (_what, body) => {
    expect(verdictOf(CHAT, answer(200, body)).kind).toBe('retry');
  });

  it.each([
    ['completed', 'completed'],
    ['incomplete', 'completed'],
    ['failed', 'retry'],
    ['in_progress', 'retry'],
  ])('judges a response of status %s', (status, verdict) => {
    expect(verdictOf('/v1/responses', answer(200, { status })).kind).toBe(verdict);
  });

  it('completes an embedding with 200', () => {
    expect(verdictOf('/v1/embeddings', answer(200, { data: [] })).kind).toBe('completed');
  });

  it.each([
    [400, 'failed'],
    [404, 'failed'],
    [422, 'failed'],
    [501, 'failed'],
    [408, 'retry'],
    [409, 'retry'],
    [429, 'busy'],
    [500, 'retry'],
    [502, 'busy'],
    [503, 'busy'],
    [504, 'retry'],
    [204, 'retry'],
    [302, 'retry'],
  ])('judges status %i as %s', (status, verdict) => {
    expect(verdictOf(CHAT, answer(status, choices('stop'))).kind).toBe(verdict);
  });
});

describe('usageOf', () => {
  it('knows both namings', () => {
    const tokens = { inputTokens: 10, cachedTokens: 4, outputTokens: 6, reasoningTokens: 2 };
    const chat = {
      prompt_tokens: 10,
      completion_tokens: 6,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 2 },
    };
    const responses = {
      input_tokens: 10,
      output_tokens: 6,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens_details: { reasoning_tokens: 2 },
    };
    expect(usageOf({ usage: chat })).toEqual(tokens);
    expect(usageOf({ usage: responses })).toEqual(tokens);
  });

  it.each([
    [{}],
    [null],
    ['text'],
    [{ usage: null }],
    [{ usage: { prompt_tokens: 'many', prompt_tokens_details: null } }],
  ])('is zero where %j says nothing', (body) => {
    expect(usageOf(body)).toEqual(NO_USAGE);
  });
});

describe('decideLine', () => {
  const tried = (tries: number, busyForMs = 0) => ({
    ...{ endpoint: CHAT, tries, maxTries: 3, busyForMs, maxBusyMs: 1000 },
  });

  it('keeps the text of an error that is not JSON', () => {
    const decision = decideLine({ kind: 'answered', answer: answer(413, '<h1>Too large</h1>') }, tried(1));
    expect(decision).toMatchObject({ kind: 'finish', outcome: 'failed', result: { statusCode: 413 } });
    const { result } = decision as { readonly result: { readonly body: Uint8Array } };
    expect(JSON.parse(Buffer.from(result.body).toString())).toEqual({
      error: { message: '<h1>Too large</h1>', type: 'invalid_request_error', param: null, code: null },
    });
  });

  it('retries up to the last try, with the wait that the engine asks for', () => {
    const refused = { kind: 'answered', answer: { ...answer(408, {}), retryAfterMs: 5000 } } as const;
    expect(decideLine(refused, tried(2))).toEqual({ kind: 'retry', why: 'status 408', retryAfterMs: 5000 });
    expect(decideLine(refused, tried(3))).toMatchObject({ kind: 'finish', outcome: 'failed' });
  });

  it.each([429, 502, 503])(
    'lets a line wait for a server that answers %i, whatever its tries, but not for ever',
    (status) => {
      const busy = { kind: 'answered', answer: { ...answer(status, {}), retryAfterMs: 5000 } } as const;
      const wait = { kind: 'wait', why: `status ${status}`, retryAfterMs: 5000 };
      expect(decideLine(busy, tried(3, 999))).toEqual(wait);
      expect(decideLine(busy, tried(1, 1000))).toMatchObject({
        outcome: 'failed',
        result: { statusCode: status },
      });
    },
  );
});
