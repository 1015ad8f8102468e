import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { InvokeResult } from '../../../local/lambda/invoke-result.ts';
import { type EventSource, startEventSource } from '../../../local/sqs/event-source.ts';
import { type Sqs, startSqs } from '../../../local/sqs/server.ts';

const ACCOUNT = '123456789012';
const ARN = `arn:aws:sqs:eu-west-1:${ACCOUNT}`;

let sqs: Sqs;
let queueUrl: string;
let deadLettersUrl: string;
let source: EventSource | undefined;

beforeEach(async () => {
  sqs = await startSqs({ region: 'eu-west-1', accountId: ACCOUNT });
  queueUrl = await sqs.createQueue(
    {
      VisibilityTimeout: 1,
      RedrivePolicy: { deadLetterTargetArn: `${ARN}:Dead`, maxReceiveCount: 2 },
    },
    'Work',
  );
  deadLettersUrl = await sqs.createQueue({ MessageRetentionPeriod: 1_209_600 }, 'Dead');
});

afterEach(async () => {
  await source?.stop();
  source = undefined;
  await sqs.close();
});

interface Consumer {
  readonly mapping?: object;
  readonly handle: (event: SQSEvent) => Promise<InvokeResult> | InvokeResult;
}

function consume({ mapping, handle }: Consumer): SQSEvent[] {
  const events: SQSEvent[] = [];
  source = startEventSource({
    client: sqs.client,
    queueUrl,
    queueArn: `${ARN}:Work`,
    mapping: { FunctionName: 'consumer', EventSourceArn: `${ARN}:Work`, ...mapping },
    invoke: async (_, payload) => {
      events.push(payload as SQSEvent);
      return handle(payload as SQSEvent);
    },
  });
  return events;
}

const success = (payload: unknown = null): InvokeResult => ({ kind: 'success', payload });
const send = (...bodies: string[]) =>
  sqs.client.send(
    new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
    }),
  );
const counts = async (QueueUrl: string) => {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes } = await sqs.client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  return AttributeNames.map((name) => Number(Attributes?.[name]));
};
const untilEmpty = () =>
  vi.waitUntil(async () => (await counts(queueUrl)).every((count) => count === 0), { timeout: 8_000 });
const bodiesOf = (events: readonly SQSEvent[]) => events.map((e) => e.Records.map((r) => r.body));

it('answers with URLs and ARNs of the stack’s account on 127.0.0.1', async () => {
  const found = await sqs.client.send(new GetQueueUrlCommand({ QueueName: 'Work' }));
  expect(found.QueueUrl).toBe(`${sqs.url}/${ACCOUNT}/Work`);
  expect(queueUrl).toBe(found.QueueUrl);
  expect(sqs.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const described = await sqs.client.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn', 'RedrivePolicy'] }),
  );
  expect(described.Attributes?.['QueueArn']).toBe(`${ARN}:Work`);
  expect(JSON.parse(described.Attributes?.['RedrivePolicy'] ?? '')).toEqual({
    deadLetterTargetArn: `${ARN}:Dead`,
    maxReceiveCount: 2,
  });
});

it('leaves alone what a message says of accounts', async () => {
  const body = 'arn:aws:sqs:eu-west-1:000000000000:Work http://localhost/000000000000/Work';
  await send(body);
  const events = consume({ handle: () => success() });
  await vi.waitUntil(() => events.length > 0);
  expect(bodiesOf(events)).toEqual([[body]]);
});

it('hands the event in the form of AWS and deletes what was handled', async () => {
  const sent = await sqs.client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: '{"a":1}',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'report' } },
    }),
  );
  const events = consume({ handle: () => success() });
  await untilEmpty();
  expect(events).toHaveLength(1);
  expect(events[0]?.Records).toEqual([
    {
      messageId: sent.MessageId,
      receiptHandle: expect.any(String),
      body: '{"a":1}',
      attributes: {
        SenderId: expect.any(String),
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        ApproximateReceiveCount: '1',
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      },
      messageAttributes: {
        kind: { stringValue: 'report', stringListValues: [], binaryListValues: [], dataType: 'String' },
      },
      md5OfBody: sent.MD5OfMessageBody,
      md5OfMessageAttributes: sent.MD5OfMessageAttributes,
      eventSource: 'aws:sqs',
      eventSourceARN: `${ARN}:Work`,
      awsRegion: 'eu-west-1',
    },
  ]);
});

it('brings back only the failed items of a batch', async () => {
  await send('good', 'bad', 'fine');
  const events = consume({
    mapping: { FunctionResponseTypes: ['ReportBatchItemFailures'] },
    handle: ({ Records }) => {
      const bad = Records.filter((r) => r.body === 'bad' && r.attributes.ApproximateReceiveCount === '1');
      return success({ batchItemFailures: bad.map((r) => ({ itemIdentifier: r.messageId })) });
    },
  });
  await untilEmpty();
  expect(bodiesOf(events)).toEqual([['good', 'bad', 'fine'], ['bad']]);
  expect(await counts(deadLettersUrl)).toEqual([0, 0]);
});

it('brings the whole batch back after a function error, and to the dead letters after the last receive', async () => {
  await send('one', 'two');
  const events = consume({
    handle: () => ({ kind: 'error', errorType: 'Error', errorMessage: 'broken' }),
  });
  await vi.waitUntil(async () => (await counts(deadLettersUrl))[0] === 2, { timeout: 8_000 });
  expect(bodiesOf(events).map((bodies) => bodies.toSorted())).toEqual([
    ['one', 'two'],
    ['one', 'two'],
  ]);
  const dead = await sqs.client.send(
    new ReceiveMessageCommand({ QueueUrl: deadLettersUrl, MaxNumberOfMessages: 10 }),
  );
  expect(dead.Messages?.map((m) => m.Body).toSorted()).toEqual(['one', 'two']);
});

it('fills a batch larger than one receive within the batching window', async () => {
  const bodies = Array.from({ length: 12 }, (_, index) => `m${index}`);
  await send(...bodies.slice(0, 10));
  await send(...bodies.slice(10));
  const mapping = { BatchSize: 12, MaximumBatchingWindowInSeconds: 5 };
  const events = consume({ mapping, handle: () => success() });
  await untilEmpty();
  expect(bodiesOf(events)).toEqual([bodies]);
});

it('calls no more functions at once than the maximum concurrency', async () => {
  const release = Promise.withResolvers<InvokeResult>();
  await send('a', 'b', 'c', 'd');
  const events = consume({
    mapping: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
    handle: () => release.promise,
  });
  await vi.waitUntil(() => events.length === 2);
  expect(await counts(queueUrl)).toEqual([2, 2]);
  release.resolve(success());
  await untilEmpty();
  expect(bodiesOf(events).flat().toSorted()).toEqual(['a', 'b', 'c', 'd']);
});

it('waits at its stop for the call that is under way', async () => {
  const release = Promise.withResolvers<InvokeResult>();
  await send('a');
  const events = consume({ handle: () => release.promise });
  await vi.waitUntil(() => events.length === 1);
  const stopped = source?.stop();
  release.resolve(success());
  await stopped;
  expect(await counts(queueUrl)).toEqual([0, 0]);
});

it('names the property of a queue that it cannot read', async () => {
  const policy = { RedrivePolicy: { maxReceiveCount: 3 } };
  await expect(sqs.createQueue(policy, 'Other')).rejects.toThrow(/Queue Other: [\s\S]*deadLetterTargetArn/);
});
