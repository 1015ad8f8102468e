import { DeleteMessageBatchCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import type { InvokeResult } from '../lambda/invoke-result.ts';
import { succeededIds } from './batch-outcome.ts';
import { collectBatch } from './collect-batch.ts';
import { parseMapping, RECEIVE_LIMIT } from './event-source-mapping.ts';
import { lambdaEvent } from './lambda-event.ts';
import { splitByPayload } from './split-by-payload.ts';

export interface EventSourceOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  /** The properties of the AWS::Lambda::EventSourceMapping. */
  readonly mapping: unknown;
  readonly invoke: (functionName: string, payload: unknown) => Promise<InvokeResult>;
  /** Told of what goes wrong between queue and function. @default - nobody is told */
  readonly onTrouble?: (message: string) => void;
}

export interface EventSource {
  /** Takes no more messages and waits for the batches that are in the function's hands. */
  stop(): Promise<void>;
}

const RETRY_AFTER_TROUBLE_MS = 1_000;

/**
 * Feeds a queue to a function as Lambda's pollers do. What a call did not finish is left alone, and becomes
 * visible when the queue's visibility timeout (or what the function itself set) is over.
 */
export function startEventSource(options: EventSourceOptions): EventSource {
  const mapping = parseMapping(options.mapping);
  const stopping = new AbortController();
  const { signal } = stopping;
  const inHand = new Set<Promise<void>>();
  const hand = (batch: readonly Message[]) => {
    const done = feed(batch).catch((error: unknown) => options.onTrouble?.(String(error)));
    inHand.add(done);
    void done.finally(() => inHand.delete(done));
  };
  const feed = async (batch: readonly Message[]) => {
    const result = await options.invoke(mapping.functionName, lambdaEvent(batch, options.queueArn));
    if (result.kind === 'error') options.onTrouble?.(`${mapping.functionName}: ${result.errorType}`);
    const ids = new Set(succeededIds(result, batch.map(idOf), mapping.reportsItemFailures));
    await deleteMessages(
      options,
      batch.filter((message) => ids.has(idOf(message))),
    );
  };
  const poll = async () => {
    while (!signal.aborted) {
      while (inHand.size >= mapping.maximumConcurrency) await Promise.race(inHand);
      try {
        const messages = await collectBatch({ ...options, mapping, signal });
        splitByPayload(messages).forEach(hand);
      } catch (error) {
        if (signal.aborted) return;
        options.onTrouble?.(`${options.queueArn}: ${error}`);
        await pause(RETRY_AFTER_TROUBLE_MS, signal);
      }
    }
  };
  const polling = mapping.enabled ? poll() : Promise.resolve();
  return {
    async stop() {
      stopping.abort();
      await polling;
      await Promise.all(inHand);
    },
  };
}

function idOf(message: Message): string {
  return message.MessageId ?? '';
}

async function deleteMessages({ client, queueUrl }: EventSourceOptions, messages: readonly Message[]) {
  for (let start = 0; start < messages.length; start += RECEIVE_LIMIT) {
    const Entries = messages
      .slice(start, start + RECEIVE_LIMIT)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
