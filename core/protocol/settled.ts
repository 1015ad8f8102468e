import type { Batch } from '../batch/batch.ts';
import { recordKeys } from '../keys.ts';
import type { Records } from '../ports.ts';

/** Whether every Shard of an enrolled Batch is visible and none is open: a consistent query, not a counter. */
export async function isSettled(records: Records, batch: Batch): Promise<boolean> {
  if (batch.plan === undefined || batch.phase.kind !== 'enrolled') return false;
  const shards = await records.query(recordKeys.shards(batch.tenant, batch.id));
  return shards.length >= batch.plan.shards && shards.every((shard) => shard.state !== 'open');
}
