import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Effort {
  readonly tookMs: number;
  /** Of this process: user and system. */
  readonly cpuMs: number;
  /** The longest but one in a hundred that the event loop kept a timer waiting. */
  readonly lagP99Ms: number;
}

/** The timer that measures the lag is due this often, and is never less than that late. */
const LAG_GRAIN_MS = 1;
const NS_PER_MS = 1e6;
const US_PER_MS = 1000;

export async function measure(work: () => Promise<void>): Promise<Effort> {
  const lag = monitorEventLoopDelay({ resolution: LAG_GRAIN_MS });
  lag.enable();
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const tookMs = performance.now() - startMs;
  lag.disable();
  const lagP99Ms = Math.max(0, lag.percentile(99) / NS_PER_MS - LAG_GRAIN_MS);
  return { tookMs, cpuMs: (user + system) / US_PER_MS, lagP99Ms };
}

const MIB = 1024 ** 2;

/** MiB that are still referred to, in and outside of V8's heap. */
export function retainedMib(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
}
