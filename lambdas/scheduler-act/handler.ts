import type { Fleet } from '../../core/fleet/catalogue.ts';
import type { FleetTasks } from '../../core/fleet/tasks-port.ts';
import type { FleetId } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Clock, Dispatches, Hint, Records } from '../../core/ports.ts';
import { dispatch } from '../../core/protocol/lease.ts';
import type { SchedulerInput } from '../../core/protocol/start-execution.ts';
import type { NextDispatch } from '../../core/scheduling/dispatch-order.ts';
import type { Log } from '../log.ts';
import type { PlanAnswer } from '../scheduler-plan/handler.ts';

export interface ActDeps {
  readonly records: Records;
  readonly tasks: FleetTasks;
  readonly dispatches: Dispatches;
  readonly clock: Clock;
  readonly fleets: readonly Fleet[];
  readonly log: Log;
  readonly warn: (message: string, fields: { readonly error: Error }) => void;
}

export type ActInput = SchedulerInput & { readonly plan: PlanAnswer };

/**
 * Does what the plan decided; run twice, it starts no Task twice and dispatches no Shard twice. What ECS refuses
 * keeps nothing else from being done: the next plan sees what is there, and comes sooner.
 */
export const actScheduler =
  (deps: ActDeps) =>
  async ({ fleetId, plan }: ActInput) => {
    const minAgeMs = deps.fleets.find(({ id }) => id === fleetId)?.dispatchMinAgeMs ?? 0;
    const hints: Hint[] = [];
    for (const next of plan.dispatches) {
      const hint = await dispatchOne(deps, next, minAgeMs);
      if (hint !== null) hints.push(hint);
    }
    await deps.dispatches.send(fleetId, hints);
    const refused = await changeTasks(deps, fleetId, plan);
    return {
      kind: refused && plan.kind === 'await-long' ? 'await-medium' : plan.kind,
      wakeSeqSeen: plan.wakeSeqSeen,
      settlesUntilPlan: plan.settlesUntilPlan,
    };
  };

async function changeTasks(deps: ActDeps, fleetId: FleetId, plan: PlanAnswer): Promise<boolean> {
  const calls = [
    ...plan.runs.map((run) => () => deps.tasks.run(fleetId, run)),
    ...plan.stops.map((arn) => () => deps.tasks.stop(arn)),
  ];
  let refused = false;
  for (const call of calls) {
    try {
      await call();
    } catch (error) {
      refused = true;
      deps.warn('ECS refused', { error: error as Error });
    }
  }
  return refused;
}

async function dispatchOne(
  { records, clock, log }: ActDeps,
  { shard, seenSeq }: NextDispatch,
  minAgeMs: number,
): Promise<Hint | null> {
  const nowMs = clock.nowMs();
  const dispatched = await records.change(recordKeys.shard(shard), (current) =>
    dispatch(current, { seenSeq, nowMs, minAgeMs }),
  );
  if (dispatched.kind === 'refused') return null;
  const { dispatchSeq } = dispatched;
  log('A Shard is dispatched.', { batchId: shard.batchId, shard: shard.number, dispatchSeq });
  return { shard, dispatchSeq };
}
