import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Hints, ReceivedHint } from '../../core/agent/ports.ts';
import type { FleetId } from '../../core/ids.ts';
import type { Dispatches, Hint, Reports } from '../../core/ports.ts';

/** SQS takes at most ten messages a batch. */
const SEND_BATCH = 10;

/** Hints to the dispatch queue of their Fleet. */
export function sqsDispatches(client: SQSClient, queueUrls: Readonly<Record<string, string>>): Dispatches {
  return {
    async send(fleetId: FleetId, hints: readonly Hint[]) {
      const QueueUrl = queueUrls[fleetId];
      if (QueueUrl === undefined)
        throw new Error(`No dispatch queue is configured for the Fleet ${fleetId}.`);
      for (let i = 0; i < hints.length; i += SEND_BATCH) {
        const Entries = hints
          .slice(i, i + SEND_BATCH)
          .map((hint, n) => ({ Id: String(n), MessageBody: JSON.stringify(hint) }));
        const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
        const [first] = Failed;
        if (first !== undefined) throw new Error(`SQS refused a hint: ${first.Code}.`);
      }
    },
  };
}

/** Reports to the recorder's queue. */
export function sqsReports(client: SQSClient, queueUrl: string): Reports {
  return {
    async send(report) {
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(report) }));
    },
  };
}

/** The agent's side of a dispatch queue. */
export function sqsHints(client: SQSClient, queueUrl: string): Hints {
  return {
    /** Waits up to `waitSeconds` (20 at most) for one hint. */
    async receive(waitSeconds: number, signal?: AbortSignal): Promise<readonly ReceivedHint[]> {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 1,
          WaitTimeSeconds: waitSeconds,
        }),
        signal === undefined ? {} : { abortSignal: signal },
      );
      return Messages.map(({ Body = '', ReceiptHandle }) => ({
        hint: JSON.parse(Body) as Hint,
        done: async () => {
          await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
        },
        giveBack: async () => {
          const visibility = { QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 };
          await client.send(new ChangeMessageVisibilityCommand(visibility));
        },
      }));
    },
  };
}
