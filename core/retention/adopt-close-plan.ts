import type { Batch } from '../batch/batch.ts';
import type { ClosePlan } from '../batch/plans.ts';
import { recordKeys } from '../keys.ts';
import type { Objects, Records } from '../ports.ts';
import { readClosePlan } from '../protocol/close-batch.ts';
import { mapSome } from '../protocol/each.ts';
import { closeShard } from '../protocol/lease.ts';
import type { BatchRef } from '../protocol/lifecycle.ts';
import { type Change, keep, put } from '../records.ts';

/**
 * Lets a Batch of a backup end as the close plan says that stands beside it, whatever its records did not know yet:
 * the plan is the truth, and may have been acted upon. True where there is one. May run twice.
 */
export async function adoptClosePlan(
  { records, objects }: { readonly records: Records; readonly objects: Objects },
  { tenant, batchId }: BatchRef,
): Promise<boolean> {
  const plan = await readClosePlan(objects, { tenant, batchId });
  if (plan === null) return false;
  const shards = await records.query(recordKeys.shards(tenant, batchId));
  await mapSome(shards, (shard) =>
    records.change(recordKeys.shard(shard), (current) => closeShard(current, shard)),
  );
  await records.change(recordKeys.batch(tenant, batchId), (batch) => closeAs(batch, plan));
  return true;
}

function closeAs(batch: Batch | null, plan: ClosePlan): Change<Batch, undefined> {
  if (batch === null || batch.phase.kind === 'over' || batch.phase.kind === 'closing') return keep(undefined);
  const atMs = plan.as === 'cancelled' ? 'cancellingAtMs' : 'finalizingAtMs';
  const times = { ...batch.times, [atMs]: plan.atMs };
  return put({ ...batch, phase: { kind: 'closing', as: plan.as }, times, waiter: null }, undefined);
}
