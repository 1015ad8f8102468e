import type { EngineMetrics } from './engine-metrics.ts';

/** When an engine's token counters moved last, as far as it was seen. */
export interface StallWatch {
  /** Null until the engine has shown its counters. */
  readonly tokens: number | null;
  /** Monotonic. */
  readonly movedAtMs: number;
}

export interface StallFacts {
  /** Monotonic. */
  readonly nowMs: number;
  readonly inFlight: number;
  /** Null where the engine did not show them. */
  readonly metrics: EngineMetrics | null;
}

/**
 * The longest silence of an engine that works: a prompt counts only when it is read to its end, and 128k tokens take
 * a 24 GB GPU about 50 seconds; compiling a new shape takes as long. Twice that, and a little.
 */
export const STALL_AFTER_MS = 120_000;

export const startStallWatch = (nowMs: number): StallWatch => ({ tokens: null, movedAtMs: nowMs });

/**
 * Time runs only while the engine has Requests of ours. That it says that it runs none does not stop it: vLLM counts
 * them at the end of a step, so that one which is stuck in its first shows none for ever.
 */
export function noteProgress(watch: StallWatch, { nowMs, inFlight, metrics }: StallFacts): StallWatch {
  const tokens = metrics === null ? watch.tokens : metrics.promptTokens + metrics.generationTokens;
  return inFlight === 0 || tokens !== watch.tokens ? { tokens, movedAtMs: nowMs } : watch;
}

/** An engine that has not computed a token for so long will not: its health alone does not show that. */
export const isStalled = ({ tokens, movedAtMs }: StallWatch, nowMs: number): boolean =>
  tokens !== null && nowMs - movedAtMs >= STALL_AFTER_MS;
