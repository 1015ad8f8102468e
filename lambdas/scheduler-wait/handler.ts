import { recordKeys } from '../../core/keys.ts';
import type { Executions, Records } from '../../core/ports.ts';
import { registerWaiter, type Waiter } from '../../core/protocol/loop.ts';
import type { SchedulerInput } from '../../core/protocol/start-execution.ts';

export interface WaitDeps {
  readonly records: Records;
  readonly executions: Executions;
}

export type WaitInput = SchedulerInput & Omit<Waiter, 'token'> & { readonly taskToken: string };

/** Leaves the Await's token for the next waker; where something came since the plan, the wait ends at once. */
export const waitScheduler = (deps: WaitDeps) => async (input: WaitInput) => {
  const { fleetId, generation, wakeSeqSeen, settlesUntilPlan, taskToken: token } = input;
  const kind = await deps.records.change(recordKeys.loop(fleetId), (loop) =>
    registerWaiter(loop, { generation, wakeSeqSeen, settlesUntilPlan, token }),
  );
  if (kind !== 'waiting') await deps.executions.sendToken(token);
  return { kind };
};
