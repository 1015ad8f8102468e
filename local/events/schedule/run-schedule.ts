import type { Clock, Timer } from '../../step-functions/clock.ts';
import type { Schedule } from './parse-schedule.ts';

/** Calls `fire` with each instant of a schedule until it is cancelled. */
export function runSchedule(schedule: Schedule, clock: Clock, fire: (atMs: number) => void): Timer {
  let timer: Timer | undefined;
  const arm = (afterMs: number) => {
    const atMs = schedule(afterMs);
    if (atMs === undefined) return;
    timer = clock.setTimer(Math.max(0, atMs - clock.nowMs()), () => {
      // A machine that slept fires once, not once for each instant that it missed.
      arm(Math.max(atMs, clock.nowMs()));
      fire(atMs);
    });
  };
  arm(clock.nowMs());
  return { cancel: () => timer?.cancel() };
}
