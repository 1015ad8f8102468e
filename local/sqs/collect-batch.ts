import { type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type EventSourceMapping, RECEIVE_LIMIT } from './event-source-mapping.ts';

const LONG_POLL_SECONDS = 20;

export interface Collection {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly mapping: EventSourceMapping;
  readonly signal: AbortSignal;
}

/**
 * Receives up to a batch of messages: waits for the first without limit of its own but the long poll, then
 * goes on until the batch is full or the batching window is over. Rejects when the signal is aborted.
 */
export async function collectBatch(collection: Collection): Promise<readonly Message[]> {
  const { batchSize, batchingWindowMs } = collection.mapping;
  const messages = [...(await receive(collection, batchSize, LONG_POLL_SECONDS))];
  if (messages.length === 0 || batchingWindowMs === 0) return messages;
  const endMs = performance.now() + batchingWindowMs;
  while (messages.length < batchSize && !collection.signal.aborted) {
    const leftSeconds = Math.ceil((endMs - performance.now()) / 1000);
    if (leftSeconds <= 0) break;
    const missing = batchSize - messages.length;
    messages.push(...(await receive(collection, missing, Math.min(leftSeconds, LONG_POLL_SECONDS))));
  }
  return messages;
}

async function receive({ client, queueUrl, signal }: Collection, limit: number, waitSeconds: number) {
  const answer = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: Math.min(limit, RECEIVE_LIMIT),
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
    { abortSignal: signal },
  );
  return answer.Messages ?? [];
}
