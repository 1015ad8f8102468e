import type { Fleet } from '../fleet/catalogue.ts';
import type { LaunchTrouble } from '../fleet/launch-trouble.ts';
import type { Capacity, FleetTask } from '../fleet/task.ts';
import type { BatchId, TenantId } from '../ids.ts';
import type { Shard } from '../protocol/shard.ts';
import { type Brake, brakesOf } from './brake.ts';
import { type NextDispatch, nextDispatches, settlesUntilPlan } from './dispatch-order.ts';
import { type Targets, targetTasks } from './targets.ts';
import { type BatchWork, remainingMs, tokensPerSecond } from './work.ts';

export interface PlannedBatch {
  readonly tenant: TenantId;
  readonly id: BatchId;
  readonly deadlineMs: number;
  readonly createdAtMs: number;
  readonly paused: boolean;
  /** All of them, settled ones too: they show the rate. */
  readonly shards: readonly Shard[];
}

export interface PlanFacts {
  readonly nowMs: number;
  readonly fleet: Fleet;
  /** Lengths of the waits: long, medium, short. */
  readonly waitsMs: readonly [number, number, number];
  /** Enrolled and not closing. */
  readonly batches: readonly PlannedBatch[];
  readonly tasks: readonly FleetTask[];
  readonly launchTroubles: readonly LaunchTrouble[];
}

export type WaitKind = 'await-long' | 'await-medium' | 'await-short';

export interface Plan {
  /** `stop`: the Fleet has no open work. */
  readonly kind: WaitKind | 'stop';
  readonly runs: readonly { readonly capacity: Capacity; readonly count: number }[];
  /** ARNs of Tasks to stop. */
  readonly stops: readonly string[];
  readonly dispatches: readonly NextDispatch[];
  /** Shards that may settle until the next plan is due for that. */
  readonly settlesUntilPlan: number;
  readonly targets: Targets;
  /** Batch ids, in the order of dispatch. */
  readonly order: readonly BatchId[];
  /** On what the Fleet wants more Tasks of: none are started there until the failures are old. */
  readonly brakes: readonly Brake[];
  /** Of the Batches that may run, earliest Deadline first. */
  readonly work: readonly BatchWork[];
  /** Estimated tokens that one Task finishes a second. */
  readonly tokensPerSecond: number;
}

/** RunTask starts at most ten at a time; what is left over is the next plan's. */
const MAX_RUN = 10;

/** One look at a Fleet: which Tasks to run and stop, what to dispatch, and when to look again. */
export function planFleet(facts: PlanFacts): Plan {
  const batches = inOrder(facts.batches);
  const runnable = batches.filter((batch) => !batch.paused);
  const open = runnable.flatMap((batch) => batch.shards.filter((shard) => shard.state === 'open'));
  const live = (capacity: Capacity) => liveTasks(facts.tasks, capacity);
  const onDemand = live('on-demand');
  const rate = tokensPerSecond(
    facts.fleet,
    runnable.flatMap((batch) => batch.shards),
  );
  const work = workOf(runnable, rate);
  const targets = targetTasks({
    nowMs: facts.nowMs,
    tickMs: facts.waitsMs[0],
    fleet: facts.fleet,
    batches: work,
    onDemand: { running: onDemand.filter(isRunning).length, starting: onDemand.filter(isStarting).length },
  });
  const wanted = missing(targets, live('spot').length, onDemand.length);
  const brakes = brakesOf(facts.tasks, facts.nowMs).filter((brake) => isAmong(wanted, brake.capacity));
  const runs = wanted.filter(({ capacity }) => !isAmong(brakes, capacity));
  const tasks = live('spot').length + onDemand.length + runs.reduce((sum, { count }) => sum + count, 0);
  const { nowMs, fleet } = facts;
  return {
    kind: nextLook(facts, open, targets),
    runs,
    stops: surplus(onDemand, targets),
    dispatches: nextDispatches({ nowMs, minAgeMs: fleet.dispatchMinAgeMs, tasks, shards: open }),
    settlesUntilPlan: settlesUntilPlan(tasks),
    targets,
    order: batches.map(({ id }) => id),
    brakes,
    work,
    tokensPerSecond: rate,
  };
}

/** Earliest Deadline first, then first come. */
const inOrder = (batches: readonly PlannedBatch[]): readonly PlannedBatch[] =>
  [...batches].sort((a, b) => a.deadlineMs - b.deadlineMs || a.createdAtMs - b.createdAtMs);

function workOf(batches: readonly PlannedBatch[], rate: number): readonly BatchWork[] {
  return batches.map(({ id, deadlineMs, shards }) => ({
    batchId: id,
    deadlineMs,
    workMs: shards.reduce((sum, shard) => sum + remainingMs(shard, rate), 0),
    openShards: shards.filter((shard) => shard.state === 'open').length,
  }));
}

const isRunning = ({ status }: FleetTask): boolean => status.kind === 'running';
const isStarting = ({ status }: FleetTask): boolean => status.kind === 'starting';
const liveTasks = (tasks: readonly FleetTask[], capacity: Capacity): readonly FleetTask[] =>
  tasks.filter((task) => task.capacity === capacity && (isRunning(task) || isStarting(task)));

function missing(targets: Targets, spot: number, onDemand: number): Plan['runs'] {
  const wanted = [
    { capacity: 'spot' as const, count: Math.min(MAX_RUN, targets.spot - spot) },
    { capacity: 'on-demand' as const, count: Math.min(MAX_RUN, targets.onDemand - onDemand) },
  ];
  return wanted.filter(({ count }) => count > 0);
}

const isAmong = (items: readonly { readonly capacity: Capacity }[], capacity: Capacity): boolean =>
  items.some((item) => item.capacity === capacity);

/** On-demand Tasks that no Deadline needs any more; those still starting go first. Spot Tasks end by themselves. */
function surplus(onDemand: readonly FleetTask[], targets: Targets): readonly string[] {
  const newestFirst = [...onDemand].sort(
    (a, b) => Number(isStarting(b)) - Number(isStarting(a)) || b.createdAtMs - a.createdAtMs,
  );
  return newestFirst.slice(0, Math.max(0, onDemand.length - targets.onDemandKeep)).map(({ arn }) => arn);
}

/** News ends a wait early; its length bounds what is lost when news is. */
function nextLook(facts: PlanFacts, open: readonly Shard[], targets: Targets): Plan['kind'] {
  if (facts.batches.every(({ shards }) => shards.every(({ state }) => state !== 'open'))) return 'stop';
  const [longMs, mediumMs] = facts.waitsMs;
  const waiting = open.length > 0 && !facts.tasks.some(isRunning);
  if (waiting || (targets.slackMs !== null && targets.slackMs < 2 * mediumMs)) return 'await-short';
  return targets.slackMs !== null && targets.slackMs < 2 * longMs ? 'await-medium' : 'await-long';
}
