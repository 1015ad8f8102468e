import type { Clock } from '../../../local/step-functions/clock.ts';

/** A clock that stands still until it is moved; timers fire in the order of their instants. */
export function holdClock(startMs: number): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
  const timers = new Set<{ atMs: number; fire: () => void }>();
  const nextDue = (untilMs: number) =>
    [...timers].filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
  return {
    nowMs: () => nowMs,
    setTimer(delayMs, fire) {
      const timer = { atMs: nowMs + delayMs, fire };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    advance(ms) {
      const endMs = nowMs + ms;
      for (let timer = nextDue(endMs); timer !== undefined; timer = nextDue(endMs)) {
        timers.delete(timer);
        nowMs = timer.atMs;
        timer.fire();
      }
      nowMs = endMs;
    },
  };
}
