import type { Clock, Timer } from '../clock.ts';

export interface Bounds {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly onTimeout: () => Error;
  readonly heartbeat?: { readonly everyMs: number; readonly onMissed: () => Error } | undefined;
}

export interface Settling {
  succeed(value: unknown): void;
  fail(error: unknown): void;
  /** Starts the heartbeat's interval anew. */
  beat(): void;
  isOpen(): boolean;
}

/** Waits until what `begin` starts settles, a time limit passes or the scope is aborted, whichever is first. */
export function bounded(bounds: Bounds, begin: (settling: Settling) => void): Promise<unknown> {
  const { clock, signal, heartbeat } = bounds;
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  let open = true;
  let heartbeatTimer: Timer | undefined;
  const close = (settle: () => void) => {
    if (!open) return;
    open = false;
    timeout.cancel();
    heartbeatTimer?.cancel();
    signal.removeEventListener('abort', abort);
    settle();
  };
  const fail = (error: unknown) => close(() => reject(error));
  const abort = () => fail(signal.reason);
  const beat = () => {
    heartbeatTimer?.cancel();
    if (!open || heartbeat === undefined) return;
    heartbeatTimer = clock.setTimer(heartbeat.everyMs, () => fail(heartbeat.onMissed()));
  };
  const timeout = clock.setTimer(bounds.timeoutMs, () => fail(bounds.onTimeout()));
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  beat();
  if (open) begin({ succeed: (value) => close(() => resolve(value)), fail, beat, isOpen: () => open });
  return promise;
}

/** Resolves after `delayMs`, or rejects as soon as the scope is aborted. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      timer.cancel();
      reject(signal.reason);
    };
    const timer = clock.setTimer(delayMs, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  });
}
