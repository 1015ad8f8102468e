import type { AgentTime, EngineClient } from '../../core/agent/ports.ts';
import type { VllmEngineConfig } from '../../core/fleet/catalogue.ts';
import type { Engine, EngineAddress, RunningEngine } from './engine.ts';
import { type EngineProcess, startEngineProcess } from './engine-process.ts';
import { engineSocket } from './engine-socket.ts';
import { probeEngine } from './probe.ts';
import { untilReady } from './until-ready.ts';

export interface VllmEngineOptions {
  readonly config: VllmEngineConfig;
  /** The Fleet's name for the model, which Requests use. */
  readonly model: string;
  readonly endpoints: readonly string[];
  /** Our environment; the engine does not see all of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly time: AgentTime;
  readonly connect: (address: EngineAddress) => EngineClient;
  /** Gets each line that vLLM prints. */
  readonly onLine: (line: string) => void;
}

const KILL_AFTER_MS = 5000;

/** Starts vLLM on a unix socket, in a process group of its own that ends with this process. */
export function vllmEngine(options: VllmEngineOptions): Engine {
  let starts = 0;
  return {
    async start(signal) {
      const engineStart = ++starts;
      const socket = engineSocket();
      const process = startEngineProcess({
        command: serveCommand(options, socket.path),
        env: environmentOf(options),
        onLine: options.onLine,
      });
      const exited = process.exited.finally(socket.remove);
      const address = { origin: 'http://engine', basePath: '/v1', socketPath: socket.path };
      try {
        await becomeReady(options, { address, exited, signal });
        return runningEngine({ process, exited, address, engineStart, time: options.time });
      } catch (error) {
        process.kill();
        await exited;
        throw error;
      }
    },
  };
}

/** Our flags come last, and win: the agent finds vLLM by the socket, and Requests find the model by its name. */
export function serveCommand(
  { config, model }: Pick<VllmEngineOptions, 'config' | 'model'>,
  socketPath: string,
): [string, ...string[]] {
  const [program, ...rest] = config.command;
  const ours = ['--disable-uvicorn-access-log', '--served-model-name', model, '--uds', socketPath];
  return [program, ...rest, 'serve', config.model, ...config.args, ...ours];
}

/** Of AWS and ECS: an engine runs models and code from elsewhere, and must not act as the Task. */
const WITHHELD = /^(AWS|ECS)_/;

/**
 * The agent ends idle connections, never the engine: its default of 5 seconds is so near to the agent's own 4 that a
 * pause of the machine breaks every Request that is sent right after it.
 */
const KEEP_ALIVE_SECONDS = 3600;

function environmentOf({ config, env }: VllmEngineOptions): Record<string, string> {
  const seen = Object.entries(env).filter(([name]) => !WITHHELD.test(name));
  const kept = { VLLM_HTTP_TIMEOUT_KEEP_ALIVE: String(KEEP_ALIVE_SECONDS) };
  return { ...kept, ...(Object.fromEntries(seen) as Record<string, string>), ...config.env };
}

interface Starting {
  readonly address: EngineAddress;
  readonly exited: Promise<void>;
  readonly signal: AbortSignal | undefined;
}

async function becomeReady(options: VllmEngineOptions, { address, exited, signal }: Starting): Promise<void> {
  const { time, model, endpoints, config } = options;
  const timeoutMs = config.startTimeoutMs;
  const untilMs = time.monotonicMs() + timeoutMs;
  const client = options.connect(address);
  const over = new AbortController();
  void exited.then(() => over.abort());
  try {
    await untilReady(client, { time, timeoutMs, exited, signal });
    void time.sleep(untilMs - time.monotonicMs(), over.signal).then(() => over.abort());
    const either = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
    await probeEngine(client, { model, endpoints, signal: either });
  } finally {
    over.abort();
    await client.close();
  }
}

function runningEngine(engine: {
  readonly process: EngineProcess;
  readonly exited: Promise<void>;
  readonly address: EngineAddress;
  readonly engineStart: number;
  readonly time: AgentTime;
}): RunningEngine {
  const { process, exited, address, engineStart, time } = engine;
  return {
    address,
    engineStart,
    exited,
    kill: process.kill,
    async stop() {
      process.terminate();
      const patience = new AbortController();
      await Promise.race([exited, time.sleep(KILL_AFTER_MS, patience.signal)]);
      patience.abort();
      process.kill();
      await exited;
    },
  };
}
