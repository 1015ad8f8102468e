import type { ShardId } from '../ids.ts';
import { isDispatchable } from '../protocol/lease.ts';
import { LEASE_GRACE_MS, type Shard } from '../protocol/shard.ts';

export interface DispatchFacts {
  readonly nowMs: number;
  readonly minAgeMs: number;
  /** Running and starting. */
  readonly tasks: number;
  /** Shards of Batches that may run, in the order in which they should. */
  readonly shards: readonly Shard[];
}

/** Hints wait for twice what the Tasks can take: none runs dry, and the order stays a live decision. */
const HINTS_PER_TASK = 2;
/** Bounds what one plan hands to the next state. */
const MAX_DISPATCHES = 200;

/** A settled Shard takes one hint on its way: when each Task has settled one, half of the hints may be left. */
export const settlesUntilPlan = (tasks: number): number => Math.max(1, tasks);

export interface NextDispatch {
  readonly shard: ShardId;
  readonly seenSeq: number;
}

/** The Shards to dispatch now, in order. */
export function nextDispatches(facts: DispatchFacts): readonly NextDispatch[] {
  const waiting = facts.shards.filter((shard) => isWaiting(shard, facts)).length;
  const wanted = Math.min(MAX_DISPATCHES, facts.tasks * HINTS_PER_TASK - waiting);
  if (wanted <= 0) return [];
  return facts.shards
    .filter((shard) => isDispatchable(shard, facts))
    .slice(0, wanted)
    .map(({ tenant, batchId, number, dispatchSeq }) => ({
      shard: { tenant, batchId, number },
      seenSeq: dispatchSeq,
    }));
}

/** Dispatched not long ago, and not leased yet. */
function isWaiting(shard: Shard, { nowMs, minAgeMs }: DispatchFacts): boolean {
  if (shard.state !== 'open' || shard.dispatchedAtMs === null) return false;
  const leased = shard.lease !== null && shard.lease.leaseUntilMs >= nowMs - LEASE_GRACE_MS;
  return !leased && shard.dispatchedAtMs > nowMs - minAgeMs;
}
