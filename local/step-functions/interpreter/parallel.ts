import type { Branch, ParallelState } from '../definition/asl.ts';
import { checkPayload } from './payload-limit.ts';
import { withRecovery } from './recovery.ts';
import { innerScope, type Scope, type Step, type Visit } from './run.ts';
import { evaluate, leave } from './state-values.ts';

export type RunBranch = (scope: Scope, branch: Branch, input: unknown) => Promise<unknown>;

/** Runs every branch at once; the first failure aborts the others and is the state's own. */
export function runParallel(visit: Visit, state: ParallelState, runBranch: RunBranch): Promise<Step> {
  return withRecovery(visit, state, async (current) => {
    const input =
      state.Arguments === undefined ? visit.input : await evaluate(current, state.Arguments, 'Arguments');
    checkPayload(input, `input of the branches of state '${visit.name}'`);
    const result = await together(current, 'Parallel', (signal) =>
      state.Branches.map((branch) => () => runBranch(innerScope(visit.scope, signal), branch, input)),
    );
    return leave(current, state, { result, otherwise: result });
  });
}

/**
 * Runs the parts of a Parallel or Map, at most `limit` at a time, and returns their outputs in order. What
 * still runs when one part fails is aborted.
 */
export async function together(
  visit: Visit,
  kind: 'Parallel' | 'Map',
  partsOf: (signal: AbortSignal) => readonly (() => Promise<unknown>)[],
  limit = Number.POSITIVE_INFINITY,
): Promise<unknown[]> {
  const { trail, run, signal } = visit.scope;
  const stop = new AbortController();
  const parts = partsOf(AbortSignal.any([signal, stop.signal]));
  const details = kind === 'Map' ? { mapStateStartedEventDetails: { length: parts.length } } : {};
  run.history.record(trail, `${kind}StateStarted`, details);
  const outputs: unknown[] = new Array(parts.length);
  const queue = parts.entries();
  const worker = async () => {
    for (const [index, part] of queue) outputs[index] = await part();
  };
  try {
    await Promise.all(Array.from({ length: Math.min(limit, parts.length) }, worker));
  } catch (error) {
    stop.abort(new Error(`Another part of the ${kind} state '${visit.name}' failed.`));
    signal.throwIfAborted();
    run.history.record(trail, `${kind}StateFailed`);
    throw error;
  }
  checkPayload(outputs, `result of state '${visit.name}'`);
  run.history.record(trail, `${kind}StateSucceeded`);
  return outputs;
}
