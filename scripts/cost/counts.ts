import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const count = z.number().nonnegative();

const callerSchema = z.strictObject({
  invocations: count,
  cpuMs: count,
  dynamoDbCalls: count,
  readUnits: count,
  /** Of `readUnits` those of queries, which grow with what they find. */
  queryUnits: count,
  writeUnits: count,
  s3Puts: count,
  s3Gets: count,
  sqsRequests: count,
  events: count,
  logBytes: count,
});
/** What one function, or the Tasks, did in a counted run. */
export type CallerCounts = z.infer<typeof callerSchema>;

const runSchema = z.strictObject({
  profile: z.string(),
  lines: z.number().int(),
  polls: z.number().int(),
  transitions: z.record(z.string(), count),
  callers: z.record(z.string(), callerSchema),
  /** Bytes of a line in which a Task tells its metrics. */
  metricsLineBytes: count,
});
export type RunCounts = z.infer<typeof runSchema>;

const countsSchema = z.strictObject({
  countedOn: z.iso.date(),
  /** A Batch with as many Shards, Segments and Leases as a real one, in less time. */
  calls: runSchema,
  /** A Batch with as many lines and bytes as a real one. */
  bytes: runSchema,
});
export type Counts = z.infer<typeof countsSchema>;

export const COUNTS_FILE = join(import.meta.dirname, 'counts.json');

export const readCounts = (): Counts => countsSchema.parse(JSON.parse(readFileSync(COUNTS_FILE, 'utf8')));
