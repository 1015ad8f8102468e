import type { Batch } from '../../../core/batch/batch.ts';
import type { BatchId, FileId, FleetId, TenantId } from '../../../core/ids.ts';
import { bitsOf } from '../../../core/protocol/bitmap.ts';
import type { Report } from '../../../core/protocol/report.ts';
import { NO_LEASE_MS, NO_TOTALS, newShard, type Shard } from '../../../core/protocol/shard.ts';
import type { Change } from '../../../core/records.ts';

export const TENANT = 'tenant-a' as TenantId;
export const BATCH = 'batch_1' as BatchId;
export const FLEET = 'fleet-a' as FleetId;
export const SHARD_ID = { tenant: TENANT, batchId: BATCH, number: 0 };

export const shardOf = (fields: Partial<Shard> = {}): Shard => ({
  ...newShard(SHARD_ID, {
    objectKey: 'shards/0',
    endpoint: '/v1/chat/completions',
    model: 'small-1',
    lines: 4,
    estimatedTokens: 100,
  }),
  ...fields,
});

export const leaseOf = (leaseUntilMs: number, owner = 'task-1') => ({
  owner,
  nonce: 'nonce-1',
  leaseUntilMs,
});

export const reportOf = (finished: readonly number[], fields: Partial<Report> = {}): Report => ({
  shard: SHARD_ID,
  fence: 1,
  seq: 1,
  finished: bitsOf(finished, 4),
  segments: { 1: 1 },
  deaths: [],
  totals: { ...NO_TOTALS, completed: finished.length },
  leaseMs: NO_LEASE_MS,
  ...fields,
});

export const batchOf = (fields: Partial<Batch> = {}): Batch => ({
  tenant: TENANT,
  id: BATCH,
  endpoint: '/v1/chat/completions',
  inputFileId: 'file-1' as FileId,
  inputEtag: '"e"',
  completionWindow: '24h',
  createdAtMs: 0,
  deadlineMs: 10_000_000,
  metadata: null,
  phase: { kind: 'validating' },
  times: {},
  generation: 1,
  waitSeq: 0,
  waiter: null,
  paused: false,
  ...fields,
});

/** A line for a Segment. */
export const completedLine = (index: number, text = '{}\n') => ({
  index,
  outcome: 'completed' as const,
  bytes: Buffer.from(text),
  ...{ inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 },
});

export const PLAN_SUMMARY = { key: 'plan', model: 'm', fleetId: FLEET, shards: 1, lines: 4 };

/** The record that a change leaves behind. */
export function written<T>(before: T, change: Change<T, unknown>): T {
  if (change.kind === 'remove') throw new Error('The record was removed.');
  return change.kind === 'put' ? change.record : before;
}
