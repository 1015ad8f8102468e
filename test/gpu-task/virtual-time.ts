import { setImmediate } from 'node:timers/promises';
import type { AgentTime } from '../../core/agent/ports.ts';

export interface VirtualTime extends AgentTime {
  /** Goes on to each moment at which someone wakes, and lets everything happen that follows. */
  advance(ms: number): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
}

interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

const START_MS = Date.UTC(2026, 0, 1);
/** Turns of the event loop; a chain of promises in memory is through after one. */
const TURNS = 5;

/** Time that passes only when a test says so. */
export function virtualTime(): VirtualTime {
  const sleepers = new Set<Sleeper>();
  let elapsedMs = 0;

  async function settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await setImmediate();
  }

  function nextDue(untilMs: number): Sleeper | undefined {
    const due = [...sleepers].filter(({ wakeAtMs }) => wakeAtMs <= untilMs);
    return due.sort((a, b) => a.wakeAtMs - b.wakeAtMs)[0];
  }

  return {
    settle,
    nowMs: () => START_MS + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper: Sleeper = { wakeAtMs: elapsedMs + Math.max(0, ms), wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          resolve();
        });
      });
    },
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      await settle();
      for (let due = nextDue(untilMs); due !== undefined; due = nextDue(untilMs)) {
        elapsedMs = Math.max(elapsedMs, due.wakeAtMs);
        sleepers.delete(due);
        due.wake();
        await settle();
      }
      elapsedMs = untilMs;
    },
  };
}
