import type { FleetId } from '../ids.ts';
import { type Change, keep, put } from '../records.ts';

/** The fleet-scheduler loop of a Fleet; its execution is named `{fleetId}-{generation}`. */
export interface Loop {
  readonly fleetId: FleetId;
  readonly generation: number;
  readonly state: 'running' | 'stopped';
  /** Rises with everything that a plan should see. */
  readonly wakeSeq: number;
  /** Of intents to start Tasks: makes the client token of RunTask. */
  readonly planSeq: number;
  /** Task token of the Await state, if one waits. */
  readonly waiter: string | null;
  readonly heartbeatAtMs: number;
  /** How many Shards may settle until the loop plans anew for that; absent: one. */
  readonly settlesUntilPlan?: number;
}

export const newLoop = (fleetId: FleetId): Loop => ({
  fleetId,
  generation: 0,
  state: 'stopped',
  wakeSeq: 0,
  planSeq: 0,
  waiter: null,
  heartbeatAtMs: 0,
});

export interface WakeResult {
  /** Send success to this token, if there is one. */
  readonly token: string | null;
  readonly state: Loop['state'];
  readonly generation: number;
}

/**
 * Bumps `wakeSeq` and answers the waiter. It stays in the record until the next plan begins, so that a waker that
 * dies before it sends the token takes nothing away. A stopped loop must then be started with `startGeneration`.
 */
export function wake(loop: Loop | null, fleetId: FleetId): Change<Loop, WakeResult> {
  const seen = loop ?? newLoop(fleetId);
  return put(
    { ...seen, wakeSeq: seen.wakeSeq + 1 },
    { token: seen.waiter, state: seen.state, generation: seen.generation },
  );
}

/**
 * A Shard has settled: wakes as `wake` does once as many have as the last plan asked for, and a stopped loop at once.
 * One that does not wait is planning, and says anew how many.
 */
export function noteSettled(loop: Loop | null, fleetId: FleetId): Change<Loop, WakeResult | null> {
  if (loop === null || loop.state === 'stopped') return wake(loop, fleetId);
  if (loop.waiter === null) return keep(null);
  const left = (loop.settlesUntilPlan ?? 1) - 1;
  return left <= 0 ? wake(loop, fleetId) : put({ ...loop, settlesUntilPlan: left }, null);
}

export type WaitResult = 'waiting' | 'wake-now' | 'superseded';

export interface Waiter {
  readonly generation: number;
  readonly wakeSeqSeen: number;
  readonly settlesUntilPlan: number;
  readonly token: string;
}

/** Stores the Await state's token, unless something came since the plan read `wakeSeqSeen`. */
export function registerWaiter(loop: Loop | null, wait: Waiter): Change<Loop, WaitResult> {
  const { generation, wakeSeqSeen, settlesUntilPlan, token } = wait;
  if (loop === null || loop.generation !== generation) return keep('superseded');
  if (loop.wakeSeq !== wakeSeqSeen) return keep('wake-now');
  return put({ ...loop, waiter: token, settlesUntilPlan }, 'waiting');
}

/** A plan begins: shows that the loop lives, and refuses a generation that was succeeded. */
export function beginPlan(
  loop: Loop | null,
  plan: { readonly generation: number; readonly nowMs: number },
): Change<Loop, { readonly kind: 'begun'; readonly loop: Loop } | { readonly kind: 'superseded' }> {
  if (loop === null || loop.generation !== plan.generation || loop.state === 'stopped') {
    return keep({ kind: 'superseded' });
  }
  const begun = { ...loop, heartbeatAtMs: plan.nowMs, waiter: null };
  return put(begun, { kind: 'begun', loop: begun });
}

/** Ends a loop, only if nothing came since its last plan read `wakeSeqSeen`. */
export function stopLoop(
  loop: Loop | null,
  stop: { readonly generation: number; readonly wakeSeqSeen: number },
): Change<Loop, 'stopped' | 'more-work' | 'superseded'> {
  if (loop === null || loop.generation !== stop.generation) return keep('superseded');
  if (loop.state === 'stopped') return keep('stopped');
  if (loop.wakeSeq !== stop.wakeSeqSeen) return keep('more-work');
  return put({ ...loop, state: 'stopped', waiter: null }, 'stopped');
}

/**
 * Advances the generation that the caller saw, so that the execution of the new name is started once. Answers the
 * generation to start: also when it was advanced before by a call whose answer was lost.
 */
export function startGeneration(
  loop: Loop | null,
  start: { readonly fleetId: FleetId; readonly seen: number; readonly nowMs: number },
): Change<Loop, { readonly kind: 'start'; readonly generation: number } | { readonly kind: 'superseded' }> {
  const current = loop ?? newLoop(start.fleetId);
  const generation = start.seen + 1;
  if (current.generation === generation && current.state === 'running')
    return keep({ kind: 'start', generation });
  if (current.generation !== start.seen) return keep({ kind: 'superseded' });
  const next: Loop = { ...current, generation, state: 'running', waiter: null, heartbeatAtMs: start.nowMs };
  return put(next, { kind: 'start', generation });
}

/** A loop plans at least every five minutes; three missed plans mean that it hangs. */
export const LOOP_STALE_MS = 15 * 60_000;

/** Of a Fleet with open work: the loop does not run, or has shown no life for `LOOP_STALE_MS`. */
export function isStale(
  loop: Loop | null,
  facts: { readonly executionIsRunning: boolean; readonly nowMs: number },
): boolean {
  if (loop === null || loop.state === 'stopped' || !facts.executionIsRunning) return true;
  return facts.nowMs - loop.heartbeatAtMs > LOOP_STALE_MS;
}
