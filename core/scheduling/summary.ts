import { isTroubled } from '../fleet/launch-trouble.ts';
import type { FleetSummary, TaskCounts } from '../fleet/summary.ts';
import type { Capacity, FleetTask } from '../fleet/task.ts';
import { lastTaskFailed } from './brake.ts';
import type { Plan, PlanFacts } from './plan.ts';

/** What a plan saw and means to do. Tasks that it starts count as starting. */
export function summarize(facts: PlanFacts, plan: Plan): FleetSummary {
  const { fleet, nowMs, tasks } = facts;
  const startingSpot = tasks.filter((task) => task.capacity === 'spot' && task.status.kind === 'starting');
  return {
    fleetId: fleet.id,
    atMs: nowMs,
    spot: counts(tasks, plan, 'spot'),
    onDemand: counts(tasks, plan, 'on-demand'),
    spotStartingSinceMs:
      startingSpot.length === 0 ? null : Math.min(...startingSpot.map((task) => task.createdAtMs)),
    quotaIsZero: quotaIsZero(facts),
    spotIsExhausted: isTroubled(facts.launchTroubles, { capacity: 'spot', reason: 'capacity', nowMs }),
    isHeldBack: plan.brakes.length > 0,
    lastTaskFailed: lastTaskFailed(tasks, nowMs),
    order: plan.order,
    slackMs: plan.targets.slackMs,
  };
}

/** Of what the Fleet asks for first: spot where it may have any. */
function quotaIsZero({ fleet, launchTroubles, nowMs }: PlanFacts): boolean {
  const { spot, onDemand } = fleet.maxTasks;
  if (spot === 0 && onDemand === 0) return true;
  const capacity = spot > 0 ? 'spot' : 'on-demand';
  return isTroubled(launchTroubles, { capacity, reason: 'quota', nowMs });
}

function counts(tasks: readonly FleetTask[], plan: Plan, capacity: Capacity): TaskCounts {
  const of = (kind: string): number =>
    tasks.filter((task) => task.capacity === capacity && task.status.kind === kind).length;
  const asked = plan.runs.find((run) => run.capacity === capacity)?.count ?? 0;
  return { starting: of('starting') + asked, running: of('running') };
}
