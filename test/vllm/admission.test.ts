import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { httpEngine } from '../../adapters/engine/http-client.ts';
import { type EngineMetrics, parseEngineMetrics } from '../../core/agent/engine-metrics.ts';
import type { EngineClient } from '../../core/agent/ports.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { EngineAddress, RunningEngine } from '../../gpu-task/engines/engine.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';
import { agentRig, testFleet } from '../gpu-task/agent-rig.ts';
import { cpuEngine } from './cpu-engine.ts';

// One vLLM that runs 8 Requests at once, and for each test an agent that may send it 64.
const MAX_RUNNING = 8;
const CONCURRENCY = 64;
/** What runs, what may wait, and what was sent or answered since vLLM was asked. */
const FEW = CONCURRENCY / 2;
const PATIENT = { timeout: 180_000, interval: 100 };

const client = (address: EngineAddress) => httpEngine({ ...address, connections: CONCURRENCY });
const config = cpuEngine({ args: ['--max-num-seqs', String(MAX_RUNNING)] });
let vllm: RunningEngine;
beforeAll(async () => {
  const { model, endpoints } = testFleet;
  const common = { model, endpoints, env: process.env, time: systemTime, connect: client };
  vllm = await vllmEngine({ ...common, config, onLine: () => undefined }).start();
});
afterAll(() => vllm?.stop());

/** What the agent read of vLLM, and what it had in flight when it did. */
type Look = EngineMetrics & { readonly inFlight: number };

/** An agent whose catalogue says that vLLM runs so many at once. */
async function agentAt(maxRunning: number) {
  const args = ['--max-num-seqs', String(maxRunning)];
  const rig = agentRig({ concurrency: CONCURRENCY, engine: { ...config, args } });
  const looks: Look[] = [];
  let inFlight = 0;
  const connect = (address: EngineAddress): EngineClient => {
    const engine = client(address);
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
        if (metrics !== null) looks.push({ ...metrics, inFlight });
        return text;
      },
    };
  };
  await rig.enrol(Array.from({ length: 2000 }, (_, i) => `Tell me a story about ${i}.`));
  await rig.dispatch();
  // It is stopped once, at the end.
  const engine = { start: async () => ({ ...vllm, stop: async () => undefined, kill: () => undefined }) };
  const exit = rig.start({ engine, connect, time: systemTime });
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
    async stop(): Promise<void> {
      rig.stop({ kind: 'asked', atMs: systemTime.nowMs() });
      rig.hurry();
      expect(await exit).toBe(0);
    },
  };
}

it('sends vLLM a little more than it runs, of all that the Fleet would let it send', async () => {
  const agent = await agentAt(MAX_RUNNING);
  const [first, ...looks] = await agent.next(6);
  await agent.stop();
  expect(first?.inFlight).toBeLessThanOrEqual(Math.ceil(MAX_RUNNING * 1.25));
  for (const { running, inFlight } of looks) {
    expect(running).toBeLessThanOrEqual(MAX_RUNNING);
    expect(inFlight).toBeGreaterThan(MAX_RUNNING / 2);
    expect(inFlight).toBeLessThanOrEqual(FEW);
  }
});

it('sends more where nothing waits in vLLM, beyond what the catalogue says that it runs', async () => {
  const agent = await agentAt(MAX_RUNNING / 2);
  const [first] = await agent.next(1);
  expect(first?.inFlight).toBeLessThan(MAX_RUNNING);
  await agent.until(({ running, inFlight }) => running === MAX_RUNNING && inFlight >= MAX_RUNNING);
  await agent.stop();
});
