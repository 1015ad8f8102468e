import type { Clock, Executions, Records } from '../../core/ports.ts';
import type { Rounds } from '../../core/protocol/next-step.ts';
import { waitLifecycle } from '../../core/protocol/wait-lifecycle.ts';
import type { LifecycleWaitInput } from '../lifecycle-input.ts';

export interface WaitDeps {
  readonly records: Records;
  readonly executions: Executions;
  readonly clock: Clock;
  readonly rounds: Rounds;
}

/** Registers the round's token, and sends it at once where there is something to do already. */
export const wait =
  (deps: WaitDeps) =>
  async ({ kind, waitSeq, taskToken, ...input }: LifecycleWaitInput) => ({
    kind: await waitLifecycle(deps, { input, kind, waitSeq, token: taskToken }, deps.rounds),
  });
