import { describe, expect, it } from 'vitest';
import { checkResults, sentAgain } from '../../../local/demo/check-results.ts';

const jsonl = (...ids: readonly string[]): string =>
  ids.map((id) => `${JSON.stringify({ custom_id: id })}\n`).join('');

describe('checkResults', () => {
  it('accepts every input id once, in the output or among the errors, in any order', () => {
    const files = { input: jsonl('a', 'b', 'c'), output: jsonl('c', 'a'), errors: jsonl('b') };
    expect(checkResults(files)).toEqual([]);
  });

  it('names an id that has no result', () => {
    const files = { input: jsonl('a', 'b'), output: jsonl('a'), errors: '' };
    expect(checkResults(files)).toEqual(['b has neither a result nor an error']);
  });

  it('names an id that is in both files', () => {
    const files = { input: jsonl('a'), output: jsonl('a'), errors: jsonl('a') };
    expect(checkResults(files)).toEqual(['a has more than one result']);
  });

  it('names an id that nobody asked for', () => {
    const files = { input: jsonl('a'), output: jsonl('a', 'x'), errors: '' };
    expect(checkResults(files)).toEqual(['x has a result, but is not in the input']);
  });
});

describe('sentAgain', () => {
  it('counts the bodies that an engine got once more', () => {
    expect(sentAgain('{"a":1}\n{"b":2}\n{"a":1}\n{"a":1}\n')).toBe(2);
    expect(sentAgain('')).toBe(0);
  });
});
