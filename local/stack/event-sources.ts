import type { SQSClient } from '@aws-sdk/client-sqs';
import type { LambdaRunner } from '../lambda/runner.ts';
import { startEventSource } from '../sqs/event-source.ts';
import type { Deployment } from '../template/deployment.ts';

export interface EventSourcesOptions {
  readonly deployment: Deployment;
  readonly sqs: { readonly client: SQSClient };
  readonly invoke: LambdaRunner['invoke'];
  readonly onTrouble: (message: string) => void;
}

/** Starts every event source mapping of the deployment; gives the function that stops them all. */
export function startEventSources(options: EventSourcesOptions): () => Promise<void> {
  const { deployment, sqs, invoke, onTrouble } = options;
  const queues = deployment.ofType('AWS::SQS::Queue').map(({ logicalId, stack }) => ({
    url: deployment.physical(logicalId, stack),
    arn: deployment.attribute(logicalId, 'Arn', stack),
  }));
  const sources = deployment.ofType('AWS::Lambda::EventSourceMapping').map((resource) => {
    const queue = queues.find(({ arn }) => arn === resource.properties['EventSourceArn']);
    if (queue === undefined) {
      throw new Error(
        `${resource.stack}.${resource.logicalId}: its source is not a queue of this deployment.`,
      );
    }
    return startEventSource({
      client: sqs.client,
      queueUrl: queue.url,
      queueArn: String(queue.arn),
      mapping: resource.properties,
      invoke,
      onTrouble,
    });
  });
  return async () => {
    await Promise.all(sources.map((source) => source.stop()));
  };
}
