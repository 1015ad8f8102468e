import { DEFINITION_VERSION } from '../../core/batch/batch.ts';
import type { Catalogue, Fleet } from '../../core/fleet/catalogue.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Metrics } from '../../core/metrics.ts';
import { beginPlan } from '../../core/protocol/loop.ts';
import type { SchedulerInput } from '../../core/protocol/start-execution.ts';
import { put } from '../../core/records.ts';
import { intendRuns, runToken } from '../../core/scheduling/intent.ts';
import { type Plan, type PlanFacts, planFleet } from '../../core/scheduling/plan.ts';
import { planMetrics } from '../../core/scheduling/plan-metrics.ts';
import { summarize } from '../../core/scheduling/summary.ts';
import type { Log } from '../log.ts';
import { type FactsDeps, readFacts } from './read-facts.ts';

export interface PlanDeps extends FactsDeps {
  readonly fleets: readonly Fleet[];
  readonly gpuClasses: Catalogue['gpuClasses'];
  readonly metrics: Metrics;
  readonly log: Log;
  readonly warn: Log;
}

export interface PlanInput extends SchedulerInput {
  /** Plans of this execution so far. */
  readonly iteration: number;
}

/** What the machine goes on with. */
export interface PlanAnswer extends Pick<Plan, 'stops' | 'dispatches' | 'settlesUntilPlan'> {
  readonly kind: Plan['kind'] | 'continue-as-new' | 'superseded';
  readonly iteration: number;
  readonly wakeSeqSeen: number;
  readonly runs: readonly (Plan['runs'][number] & { readonly token: string })[];
}

/** An iteration writes some 15 of an execution's 25,000 events at most. */
const MAX_ITERATIONS = 1_000;

const nothingToDo = { stops: [], dispatches: [], runs: [], settlesUntilPlan: 1 } as const;

/** One plan of a Fleet's loop: facts in, intent noted, decision out. */
export const planScheduler =
  (deps: PlanDeps) =>
  async (input: PlanInput): Promise<PlanAnswer> => {
    const { fleetId, generation } = input;
    const iteration = input.iteration + 1;
    const fleet = deps.fleets.find(({ id }) => id === fleetId);
    if (input.definitionVersion !== DEFINITION_VERSION || iteration > MAX_ITERATIONS) {
      return { kind: 'continue-as-new', iteration, wakeSeqSeen: 0, ...nothingToDo };
    }
    const key = recordKeys.loop(fleetId);
    const begun = await deps.records.change(key, (loop) =>
      beginPlan(loop, { generation, nowMs: deps.clock.nowMs() }),
    );
    if (begun.kind === 'superseded') return { kind: 'superseded', iteration, wakeSeqSeen: 0, ...nothingToDo };
    const { wakeSeq: wakeSeqSeen, planSeq: seenSeq } = begun.loop;
    // A Fleet that has left the catalogue has no Tasks to run; its Batches wait for their Deadline.
    if (fleet === undefined) return { kind: 'stop', iteration, wakeSeqSeen, ...nothingToDo };
    const facts = await readFacts(deps, fleet);
    const plan = planFleet(facts);
    await show(deps, facts, plan);
    const { kind, stops, dispatches, settlesUntilPlan } = plan;
    const rest = { kind, iteration, wakeSeqSeen, settlesUntilPlan, stops, dispatches };
    if (plan.runs.length === 0) return { ...rest, runs: [] };
    const intent = await deps.records.change(key, (loop) => intendRuns(loop, { generation, seenSeq }));
    if (intent.kind === 'superseded') return { kind: 'superseded', iteration, wakeSeqSeen, ...nothingToDo };
    const runs = plan.runs.map((run) => ({ ...run, token: runToken(fleetId, intent.planSeq, run.capacity) }));
    return { ...rest, runs };
  };

/** Batches of a plan that its line in the log names; those that are due first. */
const MAX_LOGGED = 20;

/** Tells those who look on: by the Fleet's summary, by metrics and in the log. */
async function show(deps: PlanDeps, facts: PlanFacts, plan: Plan): Promise<void> {
  const { records, metrics, gpuClasses, log, warn } = deps;
  const summary = summarize(facts, plan);
  const plannedBeforeMs = await records.change(recordKeys.fleetSummary(facts.fleet.id), (seen) =>
    put(summary, seen?.atMs ?? null),
  );
  const gpuClass = gpuClasses.find(({ id }) => id === facts.fleet.gpuClass);
  for (const { values, dimensions } of planMetrics({ facts, plan, gpuClass, plannedBeforeMs })) {
    metrics.emit(values, dimensions);
  }
  log('The Fleet is planned.', {
    batchIds: plan.order.slice(0, MAX_LOGGED),
    slackMs: summary.slackMs,
    runs: plan.runs,
    stops: plan.stops.length,
    dispatches: plan.dispatches.length,
  });
  for (const { capacity, failures, untilMs } of plan.brakes) {
    const until = new Date(untilMs).toISOString();
    const fields = { fleetId: facts.fleet.id, capacity, failures, until };
    warn('Tasks of the Fleet keep failing: none are started for now.', fields);
  }
}
