/** Why an agent stops before it has run out of work. */
export type StopCause =
  /** SIGTERM: StopTask, a drained instance, the end of the local stack. */
  | { readonly kind: 'asked'; readonly atMs: number }
  /** The instance is taken away at `takenAtMs`. */
  | { readonly kind: 'interruption'; readonly atMs: number; readonly takenAtMs: number };

/** Between SIGTERM and SIGKILL, as the Task definition says; a spot Interruption leaves 120 seconds in all. */
export const STOP_TIMEOUT_MS = 110_000;

/** Kept free before the end for the last flush, the report, the releases and the engine's own stop. */
const RESERVE_MS = 25_000;
/** Of a notice that comes late the reserve is at most this part. */
const RESERVE_SHARE = 0.5;
/** Of the reserve, so that the releases and the engine's own stop have the rest. */
const LAST_FLUSH_SHARE = 0.6;

/** Until when (wall clock) Requests in flight may still finish. */
export function drainUntilMs(cause: StopCause): number {
  return cause.atMs + leftMs(cause) - reserveMs(cause);
}

/** How long the last flush of all Shards may take; null: an agent that ends by itself. */
export const lastFlushMs = (cause: StopCause | null): number =>
  LAST_FLUSH_SHARE * (cause === null ? RESERVE_MS : reserveMs(cause));

const reserveMs = (cause: StopCause): number => Math.min(RESERVE_MS, leftMs(cause) * RESERVE_SHARE);

function leftMs(cause: StopCause): number {
  return cause.kind === 'asked' ? STOP_TIMEOUT_MS : Math.max(0, cause.takenAtMs - cause.atMs);
}
