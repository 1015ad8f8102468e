import { fileURLToPath } from 'node:url';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { Engine, EngineAddress, RunningEngine } from '../../gpu-task/engines/engine.ts';
import { simulatedEngine } from '../../gpu-task/engines/simulated.ts';

export const MODEL = 'bench-model';
/** As many as a small GPU runs at once. */
export const CONCURRENCY = 64;
const NO_LATENCY = { tokensPerSecond: 1e12, firstTokenMs: 0, startMs: 0, maxRunning: 2 * CONCURRENCY };

export const connect = (address: EngineAddress) => httpEngine({ ...address, connections: CONCURRENCY });

/** The simulated engine as a process of its own, as fast as it can answer. */
export function startEngine(): Promise<RunningEngine> {
  const program = fileURLToPath(new URL('../../gpu-task/simulated-engine.ts', import.meta.url));
  const settings = { model: MODEL, ...NO_LATENCY };
  return simulatedEngine({
    ...{ program, settings, env: {}, time: systemTime, readyTimeoutMs: 30_000, connect },
  }).start();
}

/** One that runs already, for an agent that would start its own: its start is not measured. */
export function alreadyRunning({ address }: RunningEngine): Engine {
  const stop = async (): Promise<void> => undefined;
  const exited = new Promise<void>(() => undefined);
  return { start: async () => ({ address, engineStart: 1, exited, stop, kill: () => undefined }) };
}
