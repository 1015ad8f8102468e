import type { FleetTask } from '../fleet/task.ts';
import type { Shard } from '../protocol/shard.ts';

export interface EndedLease {
  readonly shard: Shard;
  readonly holder: { readonly owner: string; readonly fence: number };
  /** The Task failed by itself: a death of this Shard. */
  readonly died: boolean;
}

/**
 * Leases to end now: of Tasks that have stopped or that ECS knows no more, and of paused Batches. To be wrong costs
 * an Attempt, never a line: the fence decides.
 */
export function endedLeases(
  shards: readonly Shard[],
  facts: { readonly tasks: readonly FleetTask[]; readonly paused: boolean },
): readonly EndedLease[] {
  return shards.flatMap((shard) => {
    const { lease, fence } = shard;
    if (lease === null || shard.state !== 'open') return [];
    const holder = { owner: lease.owner, fence };
    const status = facts.tasks.find(({ arn }) => arn === lease.owner)?.status;
    if (status === undefined) return [{ shard, holder, died: false }];
    if (status.kind === 'stopped') return [{ shard, holder, died: status.end === 'failed' }];
    return facts.paused ? [{ shard, holder, died: false }] : [];
  });
}
