import type { FailState, PassState, SucceedState, WaitState } from '../definition/asl.ts';
import { sleep } from './bounded.ts';
import type { Step, Visit } from './run.ts';
import { StateFailure } from './state-failure.ts';
import { evaluateTo, leave } from './state-values.ts';

/** Step Functions' longest Wait, a little over three years. */
const LONGEST_WAIT_SECONDS = 99_999_999;

export function runPass(visit: Visit, state: PassState): Promise<Step> {
  return leave(visit, state, { otherwise: visit.input });
}

export function runSucceed(visit: Visit, state: SucceedState): Promise<Step> {
  return leave(visit, state, { otherwise: visit.input });
}

/** Always throws: Error and Cause name the failure. */
export async function runFail(visit: Visit, state: FailState): Promise<Step> {
  const text = (field: 'Error' | 'Cause') =>
    evaluateTo(visit, state[field] ?? '', { field, type: 'string', is: isString });
  throw new StateFailure(await text('Error'), await text('Cause'));
}

/** Waits a number of seconds, or until an ISO 8601 instant. */
export async function runWait(visit: Visit, state: WaitState): Promise<Step> {
  const { clock } = visit.scope.run.services;
  await sleep(clock, await delayMs(visit, state, clock.nowMs()), visit.scope.signal);
  return leave(visit, state, { otherwise: visit.input });
}

async function delayMs(visit: Visit, state: WaitState, nowMs: number): Promise<number> {
  if (state.Seconds !== undefined) {
    const type = `integer between 0 and ${LONGEST_WAIT_SECONDS}`;
    return (await evaluateTo(visit, state.Seconds, { field: 'Seconds', type, is: isWait })) * 1000;
  }
  const type = 'ISO 8601 timestamp';
  const until = await evaluateTo(visit, state.Timestamp, { field: 'Timestamp', type, is: isInstant });
  return Math.max(0, Date.parse(until) - nowMs);
}

function isWait(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LONGEST_WAIT_SECONDS;
}

function isInstant(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value));
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
