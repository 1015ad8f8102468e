import { z } from 'zod';

const seconds = z.union([z.number(), z.string()]).transform(String).optional();
const flag = z.union([z.boolean(), z.string()]).transform(String).optional();

const redrivePolicy = z.object({
  deadLetterTargetArn: z.string().startsWith('arn:'),
  maxReceiveCount: z.coerce.number().int().min(1).max(1_000),
});

const queueSchema = z.object({
  VisibilityTimeout: seconds,
  DelaySeconds: seconds,
  MaximumMessageSize: seconds,
  MessageRetentionPeriod: seconds,
  ReceiveMessageWaitTimeSeconds: seconds,
  FifoQueue: flag,
  ContentBasedDeduplication: flag,
  RedrivePolicy: z
    .preprocess((v) => (typeof v === 'string' ? JSON.parse(v) : v), redrivePolicy)
    .transform((policy) => JSON.stringify(policy))
    .optional(),
});

/** The attributes of SQS's CreateQueue for the properties of an AWS::SQS::Queue. Throws if one is wrong. */
export function queueAttributes(properties: unknown, name: string): Record<string, string> {
  const parsed = queueSchema.safeParse(properties);
  if (!parsed.success) throw new Error(`AWS::SQS::Queue ${name}: ${z.prettifyError(parsed.error)}`);
  const attributes: Record<string, string> = {};
  for (const [key, value] of Object.entries(parsed.data)) {
    if (value !== undefined) attributes[key] = value;
  }
  return attributes;
}
