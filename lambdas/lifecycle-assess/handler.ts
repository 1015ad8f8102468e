import type { Executions } from '../../core/ports.ts';
import { type AssessPorts, assessLifecycle } from '../../core/protocol/assess.ts';
import type { LifecycleInput } from '../../core/protocol/lifecycle.ts';
import type { Rounds } from '../../core/protocol/next-step.ts';
import { startLifecycle } from '../../core/protocol/start-execution.ts';

export interface AssessDeps extends AssessPorts {
  readonly executions: Executions;
  readonly rounds: Rounds;
}

/** What to do next. To continue as new it starts the next generation itself: the machine only has to end. */
export const assess = (deps: AssessDeps) => async (input: LifecycleInput) => {
  const next = await assessLifecycle(deps, input, deps.rounds);
  if (next.kind === 'continue-as-new') await startLifecycle(deps, input, input.generation);
  return next;
};
