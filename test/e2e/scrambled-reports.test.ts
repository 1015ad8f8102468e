import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectWhole, untilOver } from './finished.ts';
import { createBatch, type Harness, startHarness } from './harness.ts';
import { chatLines, idsUpTo } from './input.ts';
import { type Scrambler, startScrambler } from './report-scrambler.ts';

const REQUESTS = 200;

let stack: Harness;
let scrambler: Scrambler;

beforeAll(async () => {
  scrambler = await startScrambler(async (MessageBody) => {
    await stack.sqs().send(new SendMessageCommand({ QueueUrl: stack.queueUrl('ReportsQueue'), MessageBody }));
  });
  stack = await startHarness({ taskEnvironment: { REPORTS_QUEUE_URL: scrambler.queueUrl } });
}, 180_000);
afterAll(async () => {
  await stack?.close();
  await scrambler?.close();
}, 60_000);

it('settles a batch whose reports all come twice and the later ones first', {
  timeout: 180_000,
}, async () => {
  const client = stack.client();
  const { id } = await createBatch(client, chatLines(REQUESTS));
  await expectWhole(client, await untilOver(client, id), idsUpTo(REQUESTS));
  expect(stack.sent().toSorted()).toEqual(idsUpTo(REQUESTS).toSorted());
  expect(scrambler.delivered()).toBeGreaterThan(4);
});
