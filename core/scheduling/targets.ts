import type { Fleet } from '../fleet/catalogue.ts';
import { fewestOnDemand, tightestSlackMs } from './guard.ts';
import type { BatchWork } from './work.ts';

export interface TaskFacts {
  readonly running: number;
  readonly starting: number;
}

export interface TargetFacts {
  readonly nowMs: number;
  /** Until the next plan, at the latest. */
  readonly tickMs: number;
  readonly fleet: Pick<Fleet, 'startMs' | 'targetDrainMs' | 'maxTasks'>;
  /** Earliest Deadline first. */
  readonly batches: readonly BatchWork[];
  readonly onDemand: TaskFacts;
}

export interface Targets {
  readonly spot: number;
  readonly onDemand: number;
  /** On-demand Tasks above this many may go; above `onDemand`, so that one plan does not undo another. */
  readonly onDemandKeep: number;
  /** Of the tightest Deadline; null without open work. */
  readonly slackMs: number | null;
}

/**
 * How many Tasks a Fleet should have: spot enough to drain the open work within `targetDrainMs`, and the fewest
 * on-demand ones that keep every Deadline safe if all spot dies now.
 */
export function targetTasks(facts: TargetFacts): Targets {
  const { fleet, batches, nowMs, tickMs } = facts;
  const workMs = batches.reduce((sum, batch) => sum + batch.workMs, 0);
  const openShards = batches.reduce((sum, batch) => sum + batch.openShards, 0);
  const usefulMs = Math.max(fleet.targetDrainMs - fleet.startMs, fleet.targetDrainMs / 4);
  const guard = {
    nowMs,
    tickMs,
    startMs: fleet.startMs,
    batches,
    running: facts.onDemand.running,
    quota: fleet.maxTasks.onDemand,
  };
  return {
    spot: Math.min(Math.ceil(workMs / usefulMs), openShards, fleet.maxTasks.spot),
    onDemand: Math.min(fewestOnDemand(guard), openShards),
    onDemandKeep: fewestOnDemand({ ...guard, tickMs: tickMs + 2 * fleet.startMs }),
    slackMs: tightestSlackMs(guard),
  };
}
