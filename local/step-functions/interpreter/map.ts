import type { MapState } from '../definition/asl.ts';
import { type RunBranch, together } from './parallel.ts';
import { checkPayload } from './payload-limit.ts';
import { withRecovery } from './recovery.ts';
import { innerScope, type Step, type Visit } from './run.ts';
import { evaluate, evaluateTo, leave } from './state-values.ts';

/** An inline Map runs at most 40 iterations at once, whatever MaxConcurrency says (AWS, "Using Map state in Inline mode"). */
const INLINE_CONCURRENCY = 40;

/** Runs the item processor for each item; the result is the array of outputs in the order of the items. */
export function runMap(visit: Visit, state: MapState, runBranch: RunBranch): Promise<Step> {
  return withRecovery(visit, state, async (current) => {
    const items = await itemsOf(current, state);
    const limit = await concurrencyOf(current, state);
    const result = await together(
      current,
      'Map',
      (signal) =>
        items.map((value, index) => () => iterate(current, state, { signal, value, index }, runBranch)),
      limit,
    );
    return leave(current, state, { result, otherwise: result });
  });
}

async function iterate(
  visit: Visit,
  state: MapState,
  item: { readonly signal: AbortSignal; readonly value: unknown; readonly index: number },
  runBranch: RunBranch,
): Promise<unknown> {
  const scope = innerScope(visit.scope, item.signal, { Index: item.index, Value: item.value });
  const { history } = scope.run;
  const iteration = { name: visit.name, index: item.index };
  item.signal.throwIfAborted();
  history.record(scope.trail, 'MapIterationStarted', { mapIterationStartedEventDetails: iteration });
  try {
    const input =
      state.ItemSelector === undefined
        ? item.value
        : await evaluate({ ...visit, scope }, state.ItemSelector, 'ItemSelector');
    checkPayload(input, `input of an iteration of state '${visit.name}'`);
    const output = await runBranch(scope, state.ItemProcessor, input);
    history.record(scope.trail, 'MapIterationSucceeded', { mapIterationSucceededEventDetails: iteration });
    return output;
  } catch (error) {
    item.signal.throwIfAborted();
    history.record(scope.trail, 'MapIterationFailed', { mapIterationFailedEventDetails: iteration });
    throw error;
  }
}

/** Items defaults to the input; an object stands for its Key and Value pairs. */
async function itemsOf(visit: Visit, state: MapState): Promise<readonly unknown[]> {
  const items = await evaluateTo(visit, state.Items ?? '{% $states.input %}', {
    field: 'Items',
    type: 'array or object',
    is: (value): value is object => typeof value === 'object' && value !== null,
  });
  return Array.isArray(items) ? items : Object.entries(items).map(([Key, Value]) => ({ Key, Value }));
}

async function concurrencyOf(visit: Visit, state: MapState): Promise<number> {
  const asked = await evaluateTo(visit, state.MaxConcurrency ?? 0, {
    field: 'MaxConcurrency',
    type: 'integer of at least 0',
    is: (value): value is number => Number.isInteger(value) && (value as number) >= 0,
  });
  return asked === 0 ? INLINE_CONCURRENCY : Math.min(asked, INLINE_CONCURRENCY);
}
