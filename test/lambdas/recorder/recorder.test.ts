import type { Context, SQSEvent } from 'aws-lambda';
import { expect, it, onTestFinished, vi } from 'vitest';
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

const CONTEXT = { functionName: 'recorder', awsRequestId: 'r' } as Context;
const eventOf = (...bodies: readonly [messageId: string, body: string][]) =>
  ({
    Records: bodies.map(([messageId, body]) => ({ messageId, body, eventSource: 'aws:sqs' })),
  }) as SQSEvent;

it('keeps what JSON.parse quotes out of the log', async () => {
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  onTestFinished(() => void vi.unstubAllEnvs().restoreAllMocks());
  const lines: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  const handler = sqsHandler(async (body) => JSON.parse(body));
  const failed = { batchItemFailures: [{ itemIdentifier: 'a' }] };
  expect(await handler(eventOf(['a', 'a secret prompt']), CONTEXT)).toEqual(failed);
  expect(lines.join()).toContain('message failed');
  expect(lines.join()).not.toContain('secret');
});

it('hands back only the messages that failed', async () => {
  const handled: string[] = [];
  const handler = sqsHandler(async (body) => {
    if (body === 'bad') throw new Error('refused');
    handled.push(body);
  });
  const answer = await handler(eventOf(['a', 'one'], ['b', 'bad'], ['c', 'two']), CONTEXT);
  expect(handled).toEqual(['one', 'two']);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] });
});
