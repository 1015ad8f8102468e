import type { Clock } from '../../../local/step-functions/clock.ts';

export interface FakeClock extends Clock {
  /** Moves time on, firing each timer at its instant and letting what it wakes run before the next. */
  advance(ms: number): Promise<void>;
  pendingDelaysMs(): number[];
}

interface Pending {
  readonly dueAtMs: number;
  readonly fire: () => void;
}

export function fakeClock(startAtMs = Date.UTC(2026, 10, 1)): FakeClock {
  let nowMs = startAtMs;
  const pending = new Set<Pending>();
  const nextUntil = (untilMs: number) =>
    [...pending].filter((each) => each.dueAtMs <= untilMs).sort((a, b) => a.dueAtMs - b.dueAtMs)[0];
  return {
    nowMs: () => nowMs,
    setTimer(delayMs, fire) {
      const timer = { dueAtMs: nowMs + delayMs, fire };
      pending.add(timer);
      return { cancel: () => void pending.delete(timer) };
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settled();
      for (let timer = nextUntil(untilMs); timer !== undefined; timer = nextUntil(untilMs)) {
        pending.delete(timer);
        nowMs = timer.dueAtMs;
        timer.fire();
        await settled();
      }
      nowMs = untilMs;
    },
    pendingDelaysMs: () => [...pending].map((each) => each.dueAtMs - nowMs).sort((a, b) => a - b),
  };
}

/** Everything that needs no input from outside has run: the interpreter works in microtasks alone. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
