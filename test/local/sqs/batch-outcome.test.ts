import { expect, it } from 'vitest';
import { succeededIds } from '../../../local/sqs/batch-outcome.ts';
import { parseMapping } from '../../../local/sqs/event-source-mapping.ts';
import { splitByPayload } from '../../../local/sqs/split-by-payload.ts';

const IDS = ['a', 'b', 'c'];
const failing = (...ids: unknown[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

it.each([
  ['no failures', failing(), IDS],
  ['no list', {}, IDS],
  ['a null list', { batchItemFailures: null }, IDS],
  ['a null response', null, IDS],
  ['one failure', failing('b'), ['a', 'c']],
  ['the same failure twice', failing('b', 'b'), ['a', 'c']],
  ['an unknown identifier', failing('b', 'x'), []],
  ['an empty identifier', failing(''), []],
  ['a null identifier', failing(null), []],
  ['another key', { batchItemFailures: [{ id: 'b' }] }, []],
  ['a list of another form', { batchItemFailures: 'b' }, []],
  ['a text', 'done', []],
])('with %s in the response, deletes what Lambda deletes', (_, payload, expected) => {
  expect(succeededIds({ kind: 'success', payload }, IDS, true)).toEqual(expected);
});

it('ignores the response of a function that does not report item failures', () => {
  expect(succeededIds({ kind: 'success', payload: failing('b') }, IDS, false)).toEqual(IDS);
});

it('deletes nothing after a function error', () => {
  const result = { kind: 'error', errorType: 'Error', errorMessage: 'no' } as const;
  expect(succeededIds(result, IDS, false)).toEqual([]);
});

it.each([
  ['a filter', { FilterCriteria: { Filters: [] } }, /filters are not emulated/],
  ['a large batch without a window', { BatchSize: 100 }, /needs a MaximumBatchingWindowInSeconds/],
  ['a concurrency of one', { ScalingConfig: { MaximumConcurrency: 1 } }, /MaximumConcurrency/],
])('refuses a mapping with %s', (_, more, message) => {
  expect(() => parseMapping({ FunctionName: 'f', EventSourceArn: 'arn:q', ...more })).toThrow(message);
});

it('cuts a batch where its event would outgrow a Lambda call', () => {
  const messages = [3_000, 3_000, 3_000].map((length) => ({ Body: 'x'.repeat(length) }));
  expect(splitByPayload(messages, 11_000).map((batch) => batch.length)).toEqual([2, 1]);
  expect(splitByPayload(messages, 10).map((batch) => batch.length)).toEqual([1, 1, 1]);
});
