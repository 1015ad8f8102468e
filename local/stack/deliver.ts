import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Deliver } from '../events/bus.ts';
import type { LambdaRunner } from '../lambda/runner.ts';

export interface DeliveryOptions {
  readonly sqs: { readonly url: string; readonly client: SQSClient };
  readonly sfn: SFNClient;
  readonly invoke: LambdaRunner['invoke'];
}

/** Hands what EventBridge sends to a queue, a function (asynchronously) or a state machine. */
export function delivery({ sqs, sfn, invoke }: DeliveryOptions): Deliver {
  return async (targetArn, payload) => {
    const [, , service, , accountId, name] = targetArn.split(':');
    switch (service) {
      case 'sqs': {
        const QueueUrl = `${sqs.url}/${accountId}/${name}`;
        await sqs.client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(payload) }));
        return;
      }
      case 'lambda': {
        const result = await invoke(targetArn, payload, 'async');
        if (result.kind === 'error') throw new Error(`${result.errorType}: ${result.errorMessage}`);
        return;
      }
      case 'states': {
        const input = JSON.stringify(payload);
        await sfn.send(new StartExecutionCommand({ stateMachineArn: targetArn, input }));
        return;
      }
      default:
        throw new Error(
          `The local stack delivers to functions, queues and state machines, not to ${service}.`,
        );
    }
  };
}
