import { expect, it } from 'vitest';
import type { EngineMetrics } from '../../../core/agent/engine-metrics.ts';
import {
  isStalled,
  noteProgress,
  STALL_AFTER_MS,
  type StallFacts,
  startStallWatch,
} from '../../../core/agent/stall.ts';

const metrics = (changes: Partial<EngineMetrics> = {}): EngineMetrics => ({
  ...{ running: 4, waiting: 0, kvUsage: 0.5, preemptions: 0 },
  ...{ promptTokens: 100, generationTokens: 50, prefixQueries: 0, prefixHits: 0, kvTokens: null },
  ...changes,
});

/** Whether the engine counts as stalled after these facts, the first at 0, the second when the time is just over. */
function stalledAfter(first: Partial<StallFacts>, second: Partial<StallFacts>): boolean {
  const facts = { inFlight: 4, metrics: metrics() };
  const begun = noteProgress(startStallWatch(0), { ...facts, ...first, nowMs: 0 });
  const watch = noteProgress(begun, { ...facts, ...second, nowMs: STALL_AFTER_MS });
  return isStalled(watch, STALL_AFTER_MS);
}

it.each([
  ['no counter moves while it says that it runs something', {}, true],
  ['it shows nothing any more', { metrics: null }, true],
  ['it has written tokens', { metrics: metrics({ generationTokens: 51 }) }, false],
  ['it has read tokens', { metrics: metrics({ promptTokens: 101 }) }, false],
  [
    'it says that it runs nothing, as one that is stuck in its first step',
    { metrics: metrics({ running: 0 }) },
    true,
  ],
  ['nothing of ours is in flight', { inFlight: 0 }, false],
])('when %s: %s, stalled: %s', (_what, second, stalled) => {
  expect(stalledAfter({}, second)).toBe(stalled);
});

it('is not stalled before its time, nor when it never showed its counters', () => {
  const watch = noteProgress(startStallWatch(0), { nowMs: 0, inFlight: 4, metrics: metrics() });
  expect(isStalled(watch, STALL_AFTER_MS - 1)).toBe(false);
  expect(stalledAfter({ metrics: null }, { metrics: null })).toBe(false);
});
