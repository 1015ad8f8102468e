import { z } from 'zod';

/** SQS hands out at most so many messages in one answer. */
export const RECEIVE_LIMIT = 10;

/** Lambda begins with five concurrent pollers on a standard queue, and the local stack stays there. */
const DEFAULT_CONCURRENCY = 5;

const integer = z.coerce.number().int();

const mappingSchema = z.object({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  Enabled: z.preprocess((v) => v !== false && v !== 'false', z.boolean()).default(true),
  BatchSize: integer.min(1).max(10_000).default(10),
  MaximumBatchingWindowInSeconds: integer.min(0).max(300).default(0),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: integer.min(2).max(1_000).optional() }).optional(),
  FilterCriteria: z.undefined({ error: 'filters are not emulated by the local stack' }).optional(),
});

export interface EventSourceMapping {
  readonly functionName: string;
  readonly queueArn: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly reportsItemFailures: boolean;
  readonly maximumConcurrency: number;
}

/** Reads the properties of an AWS::Lambda::EventSourceMapping of a queue. Throws if one is not emulated. */
export function parseMapping(properties: unknown): EventSourceMapping {
  const parsed = mappingSchema.safeParse(properties);
  if (!parsed.success) throw new Error(`AWS::Lambda::EventSourceMapping: ${z.prettifyError(parsed.error)}`);
  const mapping = parsed.data;
  if (mapping.BatchSize > RECEIVE_LIMIT && mapping.MaximumBatchingWindowInSeconds < 1) {
    throw new Error(
      `AWS::Lambda::EventSourceMapping of ${mapping.FunctionName}: a BatchSize of ${mapping.BatchSize} needs ` +
        'a MaximumBatchingWindowInSeconds of at least 1.',
    );
  }
  return {
    functionName: mapping.FunctionName,
    queueArn: mapping.EventSourceArn,
    enabled: mapping.Enabled,
    batchSize: mapping.BatchSize,
    batchingWindowMs: mapping.MaximumBatchingWindowInSeconds * 1000,
    reportsItemFailures: mapping.FunctionResponseTypes.length > 0,
    maximumConcurrency: mapping.ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY,
  };
}
