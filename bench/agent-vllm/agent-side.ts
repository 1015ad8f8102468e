import { httpEngine } from '../../adapters/engine/http-client.ts';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import { encodeShardLine } from '../../core/shard/object.ts';
import type { Log } from '../../gpu-task/agent/log.ts';
import { systemTime } from '../../gpu-task/agent/time.ts';
import type { Engine, EngineAddress } from '../../gpu-task/engines/engine.ts';
import { vllmEngine } from '../../gpu-task/engines/vllm.ts';
import { CONTEXT_TOKENS } from '../../scripts/vllm-cpu/cpu-engine.ts';
import { sampleFleet } from '../../test/fakes/fleet.ts';
import { benchPorts } from '../agent/ports.ts';
import { runUntilSettled } from '../agent/until-settled.ts';
import { benchEngine, type Effort, type Environment, MODEL } from './engine.ts';

const ESTIMATED_TOKENS_PER_LINE = 400;
const US_PER_MS = 1000;

/** A Request that is sent twice, or an engine that dies, makes a figure worthless: it shall be seen. */
const say = (message: string, about?: object): void =>
  void process.stderr.write(`  agent: ${message} ${JSON.stringify(about ?? {})}\n`);
const spoken: Log = { info: say, warn: say, with: () => spoken };

const fleet = (env: Environment): Fleet =>
  sampleFleet({
    model: MODEL,
    engine: benchEngine(env),
    contextTokens: CONTEXT_TOKENS,
    concurrency: 160,
    request: { timeoutMs: 600_000, maxTries: 5 },
  });

export interface AgentEffort extends Effort {
  /** Of this process, the engine not among it: user and system. */
  readonly cpuMs: number;
}

/** The agent on vLLM behind a unix socket: from its engine being ready until the last line is stored and reported. */
export async function agentSide(bodies: readonly string[], env: Environment): Promise<AgentEffort> {
  const config = fleet(env);
  const connect = (address: EngineAddress) => httpEngine({ ...address, connections: config.concurrency });
  const ports = await benchPorts({
    ...{ shards: 1, linesPerShard: bodies.length, shardObject: shardOf(bodies), time: systemTime },
    estimatedTokens: bodies.length * ESTIMATED_TOKENS_PER_LINE,
  });
  const clock = startable();
  let spent = { tookMs: Number.NaN, cpuMs: Number.NaN };
  await runUntilSettled({
    ...{ fleet: config, connect, log: spoken, ports, shards: 1 },
    engine: tellingReady(vllm(config, connect, env), clock.start),
    onSettled: () => {
      spent = clock.spent();
    },
  });
  const { completed, inputTokens, outputTokens } = ports.totals();
  if (completed !== bodies.length) throw new Error(`The agent completed ${completed} lines.`);
  return { ...spent, tokens: inputTokens + outputTokens };
}

function shardOf(bodies: readonly string[]): Uint8Array {
  const lines = bodies.map((body, i) =>
    encodeShardLine({ line: i + 1, customId: `row-${i}`, body: Buffer.from(body) }),
  );
  return Buffer.concat(lines);
}

const vllm = (
  config: Fleet,
  connect: (address: EngineAddress) => ReturnType<typeof httpEngine>,
  env: Environment,
): Engine => {
  const { model, endpoints } = config;
  const common = { env, time: systemTime, onLine: () => undefined };
  return vllmEngine({ ...common, config: benchEngine(env), model, endpoints, connect });
};

const tellingReady = (engine: Engine, onReady: () => void): Engine => ({
  async start(signal) {
    const running = await engine.start(signal);
    onReady();
    return running;
  },
});

function startable() {
  let startMs = Number.NaN;
  let before = process.cpuUsage();
  return {
    start() {
      startMs = performance.now();
      before = process.cpuUsage();
    },
    spent() {
      const { user, system } = process.cpuUsage(before);
      return { tookMs: performance.now() - startMs, cpuMs: (user + system) / US_PER_MS };
    },
  };
}
