import { z } from 'zod';

const days = z.number().int().positive();

/** How long things live, in days. What is not here follows from these, or has a fixed life (docs/retention.md). */
export const retentionSchema = z.strictObject({
  /** Of a Batch's input File whose client named no time. Null: until it is deleted. */
  inputFileDays: days.nullable(),
  /** Of output and error Files of a Batch that was created without `output_expires_after`. Null: as above. */
  outputFileDays: days.nullable(),
  /** Of a Batch, its Shards, plans and manifest, after its end. */
  batchDays: days,
  /** How far back table and bucket can be restored, and so how long they hold what was deleted. DynamoDB keeps 35. */
  backupDays: days.max(35),
});
export type Retention = z.infer<typeof retentionSchema>;

export const DAY_MS = 24 * 60 * 60_000;

/** The Files' part of it. */
export type FileRetention = Pick<Retention, 'inputFileDays' | 'outputFileDays'>;
