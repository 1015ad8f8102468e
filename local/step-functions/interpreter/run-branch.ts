import type { Branch, State } from '../definition/asl.ts';
import { runChoice } from './choice.ts';
import { runMap } from './map.ts';
import { runParallel } from './parallel.ts';
import { checkPayload } from './payload-limit.ts';
import { runFail, runPass, runSucceed, runWait } from './plain-states.ts';
import type { Scope, Step, Visit } from './run.ts';
import { runtimeFailure } from './state-failure.ts';
import { runTask } from './task.ts';

/** Runs a path of states from its start to its end and returns the last output. Throws a StateFailure. */
export async function runBranch(scope: Scope, branch: Branch, input: unknown): Promise<unknown> {
  let step: Step = { output: input, next: branch.StartAt };
  while (step.next !== undefined) {
    const state = branch.States[step.next];
    if (state === undefined) throw runtimeFailure(`There is no state '${step.next}'.`);
    step = await visitState(scope, step.next, state, step.output);
  }
  return step.output;
}

async function visitState(scope: Scope, name: string, state: State, input: unknown): Promise<Step> {
  scope.signal.throwIfAborted();
  const { history, services } = scope.run;
  const enteredEventId = history.record(scope.trail, `${state.Type}StateEntered`, {
    stateEnteredEventDetails: { name, input: JSON.stringify(input) },
  });
  const enteredAtMs = services.clock.nowMs();
  checkPayload(input, `input of state '${name}'`);
  const step = await runState({ scope, name, input, enteredAtMs, enteredEventId, retryCount: 0 }, state);
  scope.signal.throwIfAborted();
  history.record(scope.trail, `${state.Type}StateExited`, {
    stateExitedEventDetails: { name, output: JSON.stringify(step.output) },
  });
  return step;
}

function runState(visit: Visit, state: State): Promise<Step> {
  switch (state.Type) {
    case 'Task':
      return runTask(visit, state);
    case 'Choice':
      return runChoice(visit, state);
    case 'Wait':
      return runWait(visit, state);
    case 'Pass':
      return runPass(visit, state);
    case 'Succeed':
      return runSucceed(visit, state);
    case 'Fail':
      return runFail(visit, state);
    case 'Parallel':
      return runParallel(visit, state, runBranch);
    case 'Map':
      return runMap(visit, state, runBranch);
    default:
      return state satisfies never;
  }
}
