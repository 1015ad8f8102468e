import type { EngineMetrics } from './engine-metrics.ts';

/** How many Requests may be in flight, and what that was concluded from. */
export interface AdmissionControl {
  readonly requests: number;
  /** Monotonic: until then it stays as it is. */
  readonly heldUntilMs: number;
  readonly seen: EngineMetrics | null;
}

export interface AdmissionLimits {
  /** Requests in flight at most, whatever the engine says. */
  readonly ceiling: number;
  /** What the engine runs at once; null where that is not known. */
  readonly maxRunning: number | null;
}

export interface AdmissionFacts {
  /** Monotonic. */
  readonly nowMs: number;
  readonly inFlight: number;
  readonly metrics: EngineMetrics;
}

/** A little more than the engine runs, so that the next Request is there when one ends. */
const OPENING = 1.25;
/** A tenth at a time. */
const GROWTH_PART = 10;
const CUT = 0.85;
/** Until a cut shows: Requests that run must end first. */
const HOLD_MS = 10_000;
/** A fuller cache is about to preempt, and a preempted Request is computed again. */
const FULL_KV = 0.95;
/** What is waiting does no work and is lost with the instance: this is enough to never let the engine run dry. */
const MIN_BACKLOG = 16;
const BACKLOG_SHARE = 0.1;
/** Below that the limit is not what holds the engine back. */
const USED_UP = 0.9;

export function openAdmission({ ceiling, maxRunning }: AdmissionLimits): AdmissionControl {
  const requests = maxRunning === null ? ceiling : Math.min(ceiling, Math.ceil(maxRunning * OPENING));
  return { requests, heldUntilMs: Number.NEGATIVE_INFINITY, seen: null };
}

/**
 * Follows the engine's own signals: fewer after a preemption, no longer queue than keeps it busy, more where nothing
 * waits and the cache has room. Never above the ceiling, never below one.
 */
export function adjustAdmission(
  control: AdmissionControl,
  { nowMs, inFlight, metrics }: AdmissionFacts,
  { ceiling, maxRunning }: AdmissionLimits,
): AdmissionControl {
  const { seen, requests, heldUntilMs } = control;
  const held = nowMs < heldUntilMs;
  const to = (wished: number, holdMs = 0): AdmissionControl => ({
    requests: Math.max(1, Math.min(ceiling, wished)),
    heldUntilMs: holdMs > 0 ? nowMs + holdMs : heldUntilMs,
    seen: metrics,
  });
  const preempted = seen !== null && metrics.preemptions > seen.preemptions;
  if (preempted && !held) return to(Math.floor(Math.min(requests, inFlight) * CUT), HOLD_MS);
  const backlog = Math.max(MIN_BACKLOG, Math.ceil((maxRunning ?? metrics.running) * BACKLOG_SHARE));
  // An engine that still takes up Requests is not full: its queue is only the burst that it was sent.
  const isFull = seen !== null && metrics.running > 0 && metrics.running <= seen.running;
  if (metrics.waiting > backlog && isFull) return to(Math.min(requests, metrics.running + backlog));
  const mayGrow = !held && metrics.waiting === 0 && metrics.kvUsage < FULL_KV;
  return to(
    mayGrow && inFlight >= requests * USED_UP ? requests + Math.ceil(requests / GROWTH_PART) : requests,
  );
}

/** A little over: expectations are means, and the engine queues what does not fit. */
const OVER_KV = 1.1;

/** Tokens that may be in flight by expectation; no limit where the cache's size is not known. */
export const tokenLimitOf = ({ seen }: AdmissionControl): number =>
  seen?.kvTokens == null ? Number.POSITIVE_INFINITY : seen.kvTokens * OVER_KV;
