import type { Catcher, Retrier } from '../definition/asl.ts';
import { sleep } from './bounded.ts';
import type { Step, Visit } from './run.ts';
import { matchesError, StateFailure } from './state-failure.ts';
import { leave } from './state-values.ts';

interface Recovering {
  readonly Retry?: readonly Retrier[] | undefined;
  readonly Catch?: readonly Catcher[] | undefined;
}

/** Runs a state until it succeeds, its Retry is spent and no Catch covers the failure. */
export async function withRecovery(
  visit: Visit,
  state: Recovering,
  runOnce: (visit: Visit) => Promise<Step>,
): Promise<Step> {
  const retries = new Map<Retrier, number>();
  for (let retryCount = 0; ; retryCount += 1) {
    const current = { ...visit, retryCount };
    try {
      return await runOnce(current);
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
      const retrier = state.Retry?.find((each) => matchesError(each.ErrorEquals, error.errorName));
      const spent = retrier === undefined ? 0 : (retries.get(retrier) ?? 0);
      if (retrier === undefined || spent >= retrier.MaxAttempts) return handle(current, state, error);
      retries.set(retrier, spent + 1);
      const { clock, random } = visit.scope.run.services;
      await sleep(clock, retryDelayMs(retrier, spent, random), visit.scope.signal);
    }
  }
}

/** How long Step Functions waits before the retry that follows `spent` earlier ones of the same Retry entry. */
function retryDelayMs(retrier: Retrier, spent: number, random: () => number): number {
  const grownSeconds = retrier.IntervalSeconds * retrier.BackoffRate ** spent;
  const delayMs = Math.min(grownSeconds, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY) * 1000;
  return retrier.JitterStrategy === 'FULL' ? delayMs * random() : delayMs;
}

async function handle(visit: Visit, state: Recovering, failure: StateFailure): Promise<Step> {
  const catcher = state.Catch?.find((each) => matchesError(each.ErrorEquals, failure.errorName));
  if (catcher === undefined) throw failure;
  const errorOutput = { Error: failure.errorName, Cause: failure.errorCause };
  return leave(visit, catcher, { errorOutput, otherwise: errorOutput });
}
