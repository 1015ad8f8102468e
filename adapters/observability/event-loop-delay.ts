import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { EventLoopDelay } from '../../core/agent/ports.ts';

/** The monitor's own timer; each of its values holds it. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

/** Measures how late timers fire, from now on. */
export function eventLoopDelay(): EventLoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    takeP99Ms() {
      const p99Ms = histogram.percentile(99) / NS_PER_MS - RESOLUTION_MS;
      histogram.reset();
      return Math.max(0, p99Ms);
    },
  };
}
