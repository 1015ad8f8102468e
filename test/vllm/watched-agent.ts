import { expect, onTestFinished, vi } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import { type EngineMetrics, parseEngineMetrics } from '../../core/agent/engine-metrics.ts';
import type { EngineClient } from '../../core/agent/ports.ts';
import type { VllmEngineConfig } from '../../core/fleet/catalogue.ts';
import type { Log } from '../../gpu-task/agent/log.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { EngineAddress, RunningEngine } from '../../gpu-task/engines/engine.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';
import { agentRig, testFleet } from '../gpu-task/agent-rig.ts';

const PATIENT = { timeout: 180_000, interval: 100 };
/** More than vLLM answers while a test looks. */
const LINES = 2000;

/** What the agent read of vLLM, and what it had in flight when it did. */
export type Look = EngineMetrics & { readonly inFlight: number };

/** What the agent may have in flight, before and after it was lowered. */
export interface Cut {
  readonly before: number;
  readonly now: number;
}

export interface WatchedAgentOptions {
  /** That really runs. */
  readonly vllm: RunningEngine;
  /** As the agent's catalogue has it. */
  readonly config: VllmEngineConfig;
  readonly concurrency: number;
}

const client = (address: EngineAddress, connections: number) => httpEngine({ ...address, connections });

/** Starts a vLLM for agents that do not start their own. */
export function startVllm(config: VllmEngineConfig): Promise<RunningEngine> {
  const { model, endpoints } = testFleet;
  const connect = (address: EngineAddress) => client(address, 1);
  const common = { model, endpoints, env: process.env, time: systemTime, connect };
  return vllmEngine({ ...common, config, onLine: () => undefined }).start();
}

/** Starts an agent with a long Shard on a vLLM that it believes to be as its catalogue says; it ends with the test. */
export async function watchedAgent({ vllm, config, concurrency }: WatchedAgentOptions) {
  const rig = agentRig({ concurrency, engine: config });
  const looks: Look[] = [];
  const cuts: Cut[] = [];
  await rig.enrol(Array.from({ length: LINES }, (_, i) => `Tell me a story about ${i}.`));
  await rig.dispatch();
  const exit = rig.start({
    // Whoever started it stops it.
    engine: { start: async () => ({ ...vllm, stop: async () => undefined, kill: () => undefined }) },
    connect: (address) => watched(client(address, concurrency), (look) => looks.push(look)),
    log: logOf(cuts),
    time: systemTime,
  });
  onTestFinished(async () => {
    rig.stop({ kind: 'asked', atMs: systemTime.nowMs() });
    rig.hurry();
    expect(await exit).toBe(0);
  });
  return { cuts, ...lookingAt(looks) };
}

/** Waits for the looks that are still to come. */
function lookingAt(looks: readonly Look[]) {
  let taken = 0;
  /** The agent's next looks. */
  async function next(count: number): Promise<readonly Look[]> {
    await vi.waitUntil(() => looks.length >= taken + count, PATIENT);
    taken += count;
    return looks.slice(taken - count, taken);
  }
  return {
    next,
    /** The first of the agent's next looks that is like this. */
    async until(isSo: (look: Look) => boolean): Promise<Look> {
      for (;;) {
        const [look] = await next(1);
        if (look !== undefined && isSo(look)) return look;
      }
    },
  };
}

function watched(engine: EngineClient, onLook: (look: Look) => void): EngineClient {
  let inFlight = 0;
  return {
    ...engine,
    send(...request) {
      inFlight++;
      return engine.send(...request).finally(() => {
        inFlight--;
      });
    },
    async metrics() {
      const text = await engine.metrics();
      const metrics = parseEngineMetrics(text ?? '');
      if (metrics !== null) onLook({ ...metrics, inFlight });
      return text;
    },
  };
}

function logOf(cuts: Cut[]): Log {
  const log: Log = {
    info(message, { before, now } = {}) {
      if (message !== 'The engine gets fewer Requests at once.') return;
      cuts.push({ before: Number(before), now: Number(now) });
    },
    warn: () => undefined,
    with: () => log,
  };
  return log;
}
