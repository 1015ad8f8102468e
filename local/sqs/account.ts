/** fauxqs knows this account only, whatever its caller's is. */
const FAUXQS_ACCOUNT = '000000000000';

/** The operations whose answers hold queue URLs or ARNs; messages must pass byte for byte. */
const QUEUE_OPERATIONS = new Set(
  ['CreateQueue', 'GetQueueUrl', 'GetQueueAttributes', 'ListQueues'].map((name) => `AmazonSQS.${name}`),
);

export interface QueueAddress {
  readonly url: string;
  readonly accountId: string;
}

/** Puts the stack's own account and host into what fauxqs answers about queues. */
export function withOurAccount(target: unknown, body: string, { url, accountId }: QueueAddress): string {
  if (!QUEUE_OPERATIONS.has(String(target))) return body;
  return body
    .replace(/http:\/\/[^/"]+\/000000000000\//g, () => `${url}/${accountId}/`)
    .replace(/(arn:aws:sqs:[a-z0-9-]+:)000000000000:/g, (_, start: string) => `${start}${accountId}:`);
}

/** The ARN under which fauxqs keeps a queue of ours. */
export function fauxqsArn(arn: string): string {
  const parts = arn.split(':');
  return [...parts.slice(0, 4), FAUXQS_ACCOUNT, ...parts.slice(5)].join(':');
}
