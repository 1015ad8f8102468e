import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { fauxqsArn, withOurAccount } from './account.ts';
import { queueAttributes } from './queue-attributes.ts';

export interface SqsOptions {
  readonly region: string;
  readonly accountId: string;
  /** @default - a free one */
  readonly port?: number;
}

export interface Sqs {
  readonly url: string;
  /** A client for the stack's own use. */
  readonly client: SQSClient;
  /** Makes the queue of an AWS::SQS::Queue's properties and returns its URL. */
  createQueue(properties: unknown, name: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts fauxqs on 127.0.0.1, in memory: what is in a queue when the stack stops is gone. (With its directory
 * of data, a visibility change to zero was seen to lose the message.)
 */
export async function startSqs({ region, accountId, port = 0 }: SqsOptions): Promise<Sqs> {
  const app = buildApp({ logger: false, defaultRegion: region });
  let url = '';
  app.addHook('onSend', async (request, _reply, payload) =>
    typeof payload === 'string'
      ? withOurAccount(request.headers['x-amz-target'], payload, { url, accountId })
      : payload,
  );
  url = await app.listen({ host: '127.0.0.1', port });
  const client = new SQSClient({
    endpoint: url,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  return {
    url,
    client,
    async createQueue(properties, QueueName) {
      const { RedrivePolicy, ...attributes } = queueAttributes(properties, QueueName);
      const Attributes = { ...attributes, ...(RedrivePolicy && { RedrivePolicy: redrive(RedrivePolicy) }) };
      await client.send(new CreateQueueCommand({ QueueName, Attributes }));
      return `${url}/${accountId}/${QueueName}`;
    },
    async close() {
      client.destroy();
      await app.close();
    },
  };
}

function redrive(policy: string): string {
  const parsed = JSON.parse(policy) as { deadLetterTargetArn: string };
  return JSON.stringify({ ...parsed, deadLetterTargetArn: fauxqsArn(parsed.deadLetterTargetArn) });
}
