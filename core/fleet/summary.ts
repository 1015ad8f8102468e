import type { FleetId } from '../ids.ts';

export interface TaskCounts {
  /** Asked for, not running yet. */
  readonly starting: number;
  readonly running: number;
}

/** What the last plan saw and meant to do, for those who ask why a Batch waits. Never decided on. */
export interface FleetSummary {
  readonly fleetId: FleetId;
  readonly atMs: number;
  readonly spot: TaskCounts;
  readonly onDemand: TaskCounts;
  /** The oldest spot Task that is still starting. */
  readonly spotStartingSinceMs: number | null;
  /** The account, or the configuration, does not allow the instances. */
  readonly quotaIsZero: boolean;
  /** EC2 has said lately that it has no spot instances to give. */
  readonly spotIsExhausted: boolean;
  /** Tasks are wanted, and not started until the failures of those before are ten minutes old. */
  readonly isHeldBack: boolean;
  /** The Task that ended last did so by its own failure, within ten minutes before the plan. */
  readonly lastTaskFailed: boolean;
  /** Earliest Deadline first; the order in which Shards are dispatched. */
  readonly order: readonly string[];
  /** May be negative. Null where the Fleet has no open work. */
  readonly slackMs: number | null;
}
