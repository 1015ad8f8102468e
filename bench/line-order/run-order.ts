import { httpEngine } from '../../adapters/engine/http-client.ts';
import type { EngineClient } from '../../core/agent/ports.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { EngineAddress } from '../../gpu-task/engines/engine.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';
import { benchEngine, type Environment, MODEL } from '../agent-vllm/engine.ts';
import { ENDPOINT } from '../agent-vllm/input.ts';

export interface OrderEffort {
  /** From the first Request sent until the last answered. */
  readonly tookMs: number;
  /** Of the prompts' tokens, what the prefix cache had. */
  readonly hitRate: number;
}

/** What an agent keeps in flight on an engine that runs 64. */
const IN_FLIGHT = 80;
/** About 34,000 tokens, what an 8B model leaves of a GPU of 24 GB. */
const KV_ARGS = ['--block-size', '32', '--num-gpu-blocks-override', '1063'];

/** Sends the bodies in their order to an engine of their own, whose prefix cache is cold. */
export async function runInOrder(bodies: readonly string[], env: Environment): Promise<OrderEffort> {
  const config = benchEngine(env, { args: KV_ARGS });
  const connect = (address: EngineAddress) => httpEngine({ ...address, connections: IN_FLIGHT });
  const common = { env, time: systemTime, onLine: () => undefined };
  const running = await vllmEngine({
    ...common,
    config,
    model: MODEL,
    endpoints: [ENDPOINT],
    connect,
  }).start();
  const client = connect(running.address);
  try {
    const before = await cacheOf(client);
    const startMs = performance.now();
    await sendAll(client, bodies);
    const tookMs = performance.now() - startMs;
    const after = await cacheOf(client);
    return { tookMs, hitRate: (after.hits - before.hits) / (after.queries - before.queries) };
  } finally {
    await client.close();
    await running.stop();
  }
}

async function sendAll(client: EngineClient, bodies: readonly string[]): Promise<void> {
  const waiting = bodies.values();
  const never = new AbortController().signal;
  const sendNext = async (): Promise<void> => {
    for (const body of waiting) {
      const { statusCode } = await client.send(ENDPOINT, Buffer.from(body), never);
      if (statusCode !== 200) throw new Error(`The engine answered ${statusCode}.`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendNext));
}

async function cacheOf(client: EngineClient): Promise<{ readonly hits: number; readonly queries: number }> {
  const text = (await client.metrics()) ?? '';
  const count = (name: string): number =>
    Number(new RegExp(`^vllm:prefix_cache_${name}_total\\{.*\\} (\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { hits: count('hits'), queries: count('queries') };
}
