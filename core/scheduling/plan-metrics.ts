import type { GpuClass } from '../fleet/catalogue.ts';
import { isTroubled } from '../fleet/launch-trouble.ts';
import type { Capacity } from '../fleet/task.ts';
import { taskUsdPerHour } from '../fleet/task-price.ts';
import type { MetricDimensions, MetricValues } from '../metrics.ts';
import { lateBatches } from './late-batches.ts';
import type { Plan, PlanFacts } from './plan.ts';

export interface Measured {
  readonly values: MetricValues;
  readonly dimensions: MetricDimensions;
}

export interface PlanMeasure {
  readonly facts: PlanFacts;
  readonly plan: Plan;
  /** Undefined where the catalogue has no such class: nothing is known of what Tasks cost. */
  readonly gpuClass: GpuClass | undefined;
  /** When the Fleet was planned last; null before the first time. */
  readonly plannedBeforeMs: number | null;
}

/** What one plan of a Fleet shows, for its dashboard and alarms. */
export function planMetrics(measure: PlanMeasure): readonly Measured[] {
  const { facts, plan } = measure;
  const { slackMs } = plan.targets;
  // Without on-demand Tasks there is none to fall back on, whatever its Slack would be.
  const hasSlack = slackMs !== null && facts.fleet.maxTasks.onDemand > 0;
  const shards = facts.batches.flatMap((batch) => batch.shards);
  const values: MetricValues = {
    ...(hasSlack ? { SlackSeconds: slackMs / 1000 } : {}),
    OpenBatches: facts.batches.length,
    AtRiskBatches: late(facts, plan),
    OpenShards: shards.filter(({ state }) => state === 'open').length,
    TaskTokensPerSecond: plan.tokensPerSecond,
  };
  const fleet = facts.fleet.id;
  const ofCapacities = (['spot', 'on-demand'] as const).map((capacity) => ({
    values: capacityValues(measure, capacity),
    dimensions: { fleet, capacity },
  }));
  return [{ values, dimensions: { fleet } }, ...ofCapacities];
}

function late({ nowMs, fleet, tasks, launchTroubles }: PlanFacts, { runs, work }: Plan): number {
  return lateBatches({
    nowMs,
    tasks,
    startMs: fleet.startMs,
    batches: work,
    spotAsked: runs.find(({ capacity }) => capacity === 'spot')?.count ?? 0,
    onDemandQuota: fleet.maxTasks.onDemand,
    onDemandIsTroubled: (['quota', 'capacity'] as const).some((reason) =>
      isTroubled(launchTroubles, { capacity: 'on-demand', reason, nowMs }),
    ),
  });
}

function capacityValues({ facts, plan, gpuClass, plannedBeforeMs }: PlanMeasure, capacity: Capacity) {
  const count = (kind: string): number =>
    facts.tasks.filter((task) => task.capacity === capacity && task.status.kind === kind).length;
  const asked = plan.runs.find((run) => run.capacity === capacity)?.count ?? 0;
  const option = capacity === 'spot' ? 'spot' : 'onDemand';
  const usdPerHour = gpuClass === undefined ? null : taskUsdPerHour(facts.fleet, gpuClass)[option];
  const hours = sinceLastPlanMs(facts, plannedBeforeMs) / MS_PER_HOUR;
  return {
    TasksWanted: plan.targets[option],
    TasksStarting: count('starting') + asked,
    TasksRunning: count('running'),
    ...(usdPerHour === null
      ? {}
      : { EstimatedUsd: usdPerHour * hours * (count('running') + count('stopping')) }),
  } satisfies MetricValues;
}

const MS_PER_HOUR = 3_600_000;

/** A loop that has planned nothing for longer than two of its longest waits was stopped: no Tasks are known of then. */
function sinceLastPlanMs({ nowMs, waitsMs }: PlanFacts, plannedBeforeMs: number | null): number {
  const sinceMs = plannedBeforeMs === null ? 0 : nowMs - plannedBeforeMs;
  return sinceMs > 2 * waitsMs[0] ? 0 : Math.max(0, sinceMs);
}
