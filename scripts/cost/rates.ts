import type { Fleet } from '../../core/fleet/catalogue.ts';
import { settlesUntilPlan } from '../../core/scheduling/dispatch-order.ts';
import { REQUESTS_PER_DAY, WORKLOAD } from './workload.ts';

/** The Fleet of the workload's model; the others are taken to be like it. */
export type WorkloadFleet = Pick<Fleet, 'tokensPerSecond' | 'checkpoint' | 'shard'>;

const SECONDS_PER_DAY = 86_400;
const TOKENS_PER_REQUEST = WORKLOAD.inputTokens + WORKLOAD.outputTokens;

/** What a Task finishes at the catalogue's rate decides how many hours of all Tasks a day's Requests take. */
export const taskHoursOf = ({ tokensPerSecond }: Pick<Fleet, 'tokensPerSecond'>): number =>
  (REQUESTS_PER_DAY * TOKENS_PER_REQUEST) / tokensPerSecond / 3600;

/** By time or by the number of results, whichever comes first. */
export function segmentsPerTaskHour(fleet: WorkloadFleet): number {
  const { everyMs, maxResults } = fleet.checkpoint;
  return Math.max(3_600_000 / everyMs, REQUESTS_PER_DAY / taskHoursOf(fleet) / maxResults);
}

const shardsPerBatch = ({ tokensPerSecond, shard }: WorkloadFleet): number =>
  Math.ceil((WORKLOAD.linesPerBatch * TOKENS_PER_REQUEST) / ((tokensPerSecond * shard.targetMs) / 1000));

export interface PlanReasons {
  readonly fleet: WorkloadFleet;
  /** The loop's longest wait: that of a Fleet with Slack. */
  readonly waitSeconds: number;
  /** News of Tasks and instances, a day. */
  readonly signals: number;
}

/**
 * Plans of all loops a day, at most: one for each wait that nothing ends, for each round of Shards that the Tasks
 * settle, for each Batch that enrols or is settled, and for each signal. Every loop has work all day.
 */
export function plansPerDay({ fleet, waitSeconds, signals }: PlanReasons): number {
  const { fleets, batchesPerDay } = WORKLOAD;
  const tasksOfFleet = Math.floor(taskHoursOf(fleet) / 24 / fleets);
  const rounds = (batchesPerDay * shardsPerBatch(fleet)) / settlesUntilPlan(tasksOfFleet);
  return (fleets * SECONDS_PER_DAY) / waitSeconds + rounds + 2 * batchesPerDay + signals;
}
