import type { FleetSummary } from '../fleet/summary.ts';
import type { Shard } from '../protocol/shard.ts';
import type { Batch } from './batch.ts';

/** Why nothing of a Batch runs at the moment. */
export type WaitingReason =
  | 'validating'
  | 'paused'
  | 'quota_is_zero'
  | 'no_spot_capacity'
  | 'tasks_fail'
  | 'behind_other_batches'
  | 'starting';

export interface WaitingFacts {
  readonly batch: Batch;
  readonly shards: readonly Shard[];
  /** Of the Batch's Fleet; null before its first plan. */
  readonly summary: FleetSummary | null;
  readonly nowMs: number;
}

/** ECS starts a GPU instance within this time where there is one to be had (some 42 s were measured). */
const SPOT_PATIENCE_MS = 5 * 60_000;

const isHeld = ({ state, lease }: Shard, nowMs: number): boolean =>
  state === 'open' && lease !== null && lease.leaseUntilMs > nowMs;

/**
 * Null while a Task holds one of the Batch's Shards, and once it is closing or over; between two Leases too, for the Batch
 * that comes first while Tasks of the Fleet run. Until its first Lease they load their engine.
 */
export function waitingReason({ batch, shards, summary, nowMs }: WaitingFacts): WaitingReason | null {
  if (batch.phase.kind === 'validating') return 'validating';
  if (batch.phase.kind !== 'enrolled') return null;
  if (batch.paused) return 'paused';
  if (shards.some((shard) => isHeld(shard, nowMs))) return null;
  if (shards.every((shard) => shard.state !== 'open')) return null;
  if (summary === null) return 'starting';
  if (summary.quotaIsZero) return 'quota_is_zero';
  const running = summary.spot.running + summary.onDemand.running;
  if (running === 0) return reasonOfNoTask(summary, nowMs);
  if (summary.order[0] !== batch.id) return 'behind_other_batches';
  return shards.some(({ attempts }) => attempts > 0) ? null : 'starting';
}

function reasonOfNoTask(summary: FleetSummary, nowMs: number): WaitingReason {
  if (summary.isHeldBack) return 'tasks_fail';
  const { spotStartingSinceMs: since } = summary;
  const tooLong = since !== null && nowMs - since > SPOT_PATIENCE_MS;
  if (tooLong || summary.spotIsExhausted) return 'no_spot_capacity';
  return summary.lastTaskFailed ? 'tasks_fail' : 'starting';
}
