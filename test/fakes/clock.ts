import type { Clock } from '../../core/ports.ts';

export interface ManualClock extends Clock {
  advance(ms: number): void;
  set(nowMs: number): void;
}

/** A clock that moves only when told to. */
export function manualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let atMs = startMs;
  return {
    nowMs: () => atMs,
    advance: (ms) => {
      atMs += ms;
    },
    set: (nowMs) => {
      atMs = nowMs;
    },
  };
}
