import type { FleetTask } from '../fleet/task.ts';
import type { BatchWork } from './work.ts';

export interface LateFacts {
  readonly nowMs: number;
  /** From RunTask to the first token. */
  readonly startMs: number;
  /** Earliest Deadline first. */
  readonly batches: readonly BatchWork[];
  readonly tasks: readonly FleetTask[];
  /** Spot Tasks that are asked for now. */
  readonly spotAsked: number;
  /** On-demand Tasks at most; those that do not run yet count only if EC2 has not refused any lately. */
  readonly onDemandQuota: number;
  readonly onDemandIsTroubled: boolean;
}

/** A Task that starts for longer than this many times its usual start is not coming. */
const STALLED_STARTS = 2;

/**
 * How many Batches are not done by their Deadline if spot Tasks go on as they are and every on-demand Task is started
 * now: no plan can save them any more without more spot Tasks.
 */
export function lateBatches(facts: LateFacts): number {
  const readyMs = readyTimes(facts);
  let [workMs, openShards, late] = [0, 0, 0];
  for (const batch of facts.batches) {
    if (batch.workMs === 0) continue;
    workMs += batch.workMs;
    openShards += batch.openShards;
    // A Shard is worked on by one Task.
    const useful = readyMs.slice(0, openShards);
    const leftMs = batch.deadlineMs - facts.nowMs;
    const doneMs = useful.reduce((sum, ready) => sum + Math.max(0, leftMs - ready), 0);
    if (doneMs < workMs) late++;
  }
  return late;
}

/** When each Task begins to work, from now on, soonest first. */
function readyTimes(facts: LateFacts): readonly number[] {
  const { startMs, tasks, spotAsked, onDemandQuota, onDemandIsTroubled } = facts;
  const spot = tasks.filter(({ capacity }) => capacity === 'spot').flatMap((task) => readyIn(task, facts));
  const onDemand = tasks.filter((task) => task.capacity === 'on-demand' && task.status.kind === 'running');
  const more = onDemandIsTroubled ? 0 : Math.max(0, onDemandQuota - onDemand.length);
  const coming = Array.from({ length: spotAsked + more }, () => startMs);
  return [...spot, ...onDemand.map(() => 0), ...coming].sort((a, b) => a - b);
}

function readyIn({ status, createdAtMs }: FleetTask, { nowMs, startMs }: LateFacts): readonly number[] {
  if (status.kind === 'running') return [0];
  const ageMs = nowMs - createdAtMs;
  if (status.kind !== 'starting' || ageMs > STALLED_STARTS * startMs) return [];
  return [Math.max(0, startMs - ageMs)];
}
