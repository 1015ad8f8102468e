import type { Fleet } from '../../core/fleet/catalogue.ts';
import type { FleetTasks } from '../../core/fleet/tasks-port.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Clock, Dispatches, Hint, Records } from '../../core/ports.ts';
import { dispatch } from '../../core/protocol/lease.ts';
import type { SchedulerInput } from '../../core/protocol/start-execution.ts';
import type { NextDispatch } from '../../core/scheduling/dispatch-order.ts';
import type { PlanAnswer } from '../scheduler-plan/handler.ts';

export interface ActDeps {
  readonly records: Records;
  readonly tasks: FleetTasks;
  readonly dispatches: Dispatches;
  readonly clock: Clock;
  readonly fleets: readonly Fleet[];
}

export type ActInput = SchedulerInput & { readonly plan: PlanAnswer };

/** Does what the plan decided. Run twice, it starts no Task twice and dispatches no Shard twice. */
export const actScheduler =
  (deps: ActDeps) =>
  async ({ fleetId, plan }: ActInput) => {
    for (const { capacity, count, token } of plan.runs) {
      await deps.tasks.run(fleetId, { capacity, count, token });
    }
    for (const arn of plan.stops) await deps.tasks.stop(arn);
    const minAgeMs = deps.fleets.find(({ id }) => id === fleetId)?.dispatchMinAgeMs ?? 0;
    const hints: Hint[] = [];
    for (const next of plan.dispatches) {
      const hint = await dispatchOne(deps, next, minAgeMs);
      if (hint !== null) hints.push(hint);
    }
    await deps.dispatches.send(fleetId, hints);
    return { kind: plan.kind, wakeSeqSeen: plan.wakeSeqSeen };
  };

async function dispatchOne(
  { records, clock }: ActDeps,
  { shard, seenSeq }: NextDispatch,
  minAgeMs: number,
): Promise<Hint | null> {
  const nowMs = clock.nowMs();
  const dispatched = await records.change(recordKeys.shard(shard), (current) =>
    dispatch(current, { seenSeq, nowMs, minAgeMs }),
  );
  return dispatched.kind === 'refused' ? null : { shard, dispatchSeq: dispatched.dispatchSeq };
}
