import type { Context, SQSEvent } from 'aws-lambda';
import { expect, it } from 'vitest';
import { parseReport } from '../../../lambdas/recorder/report-message.ts';
import { sqsHandler } from '../../../lambdas/sqs.ts';

const report = {
  shard: { tenant: 'acme', batchId: 'batch_1', number: 3 },
  fence: 2,
  seq: 5,
  finished: 'Dw==',
  segments: { '1': 4, '2': 1 },
  deaths: [{ fence: 1, engineStart: 2, isolatedIndex: 7 }],
  totals: { completed: 4, failed: 0, inputTokens: 1, cachedTokens: 0, outputTokens: 1, reasoningTokens: 0 },
  leaseMs: { spot: 1200, onDemand: 0 },
};

it('reads a report as the agent sends it', () => {
  expect(parseReport(JSON.stringify(report))).toEqual(report);
});

it.each([
  ['no JSON', '{'],
  ['a report without a fence', JSON.stringify({ ...report, fence: undefined })],
  ['a negative sequence', JSON.stringify({ ...report, seq: -1 })],
])('refuses %s', (_, body) => {
  expect(() => parseReport(body)).toThrow();
});

it('hands back only the messages that failed', async () => {
  const handled: string[] = [];
  const handler = sqsHandler(async (body) => {
    if (body === 'bad') throw new Error('refused');
    handled.push(body);
  });
  const record = (messageId: string, body: string) => ({ messageId, body, eventSource: 'aws:sqs' });
  const event = { Records: [record('a', 'one'), record('b', 'bad'), record('c', 'two')] };
  const context = { functionName: 'recorder', awsRequestId: 'r' } as Context;
  const answer = await handler(event as SQSEvent, context);
  expect(handled).toEqual(['one', 'two']);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] });
});
