import { type EngineReport, type EngineStart, readEngineLine } from '../../core/agent/cold-start.ts';
import { safeEngineLine } from '../../core/agent/engine-line.ts';
import type { AgentTime, EngineClient } from '../../core/agent/ports.ts';
import type { Adapter } from '../../core/fleet/adapter.ts';
import { adapterFlags } from '../../core/fleet/adapter-flags.ts';
import type { VllmEngineConfig } from '../../core/fleet/catalogue.ts';
import { MEDIA_ENVIRONMENT, mediaFlags } from '../../core/fleet/media-flags.ts';
import { fromHub, type PrepareVllm, type VllmStart } from '../cold-start/vllm-start.ts';
import type { Engine, EngineAddress, RunningEngine } from './engine.ts';
import { engineEnvironment } from './engine-environment.ts';
import { type EngineProcess, startEngineProcess } from './engine-process.ts';
import { engineSocket } from './engine-socket.ts';
import type { EngineUser } from './engine-user.ts';
import { probeEngine } from './probe.ts';
import { failIfGivenUp, untilReady } from './until-ready.ts';

export interface VllmEngineOptions {
  readonly config: VllmEngineConfig;
  /** The Fleet's name for the model, which Requests use. */
  readonly model: string;
  readonly endpoints: readonly string[];
  /** That the engine must be able to load once it runs. @default - none */
  readonly adapters?: readonly Adapter[];
  /** Our environment; the engine does not see all of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whom vLLM runs as. @default - our own user */
  readonly user?: EngineUser | null;
  readonly time: AgentTime;
  readonly connect: (address: EngineAddress) => EngineClient;
  /** Gets each line that vLLM prints until it is ready, and later what may be kept of it. */
  readonly onLine: (line: string) => void;
  /** @default - vLLM reads the weights from the hub, and no compiled kernels are kept */
  readonly prepare?: PrepareVllm | undefined;
}

const KILL_AFTER_MS = 5000;

/** Starts vLLM on a unix socket, in a process group of its own that ends with this process. */
export function vllmEngine(options: VllmEngineOptions): Engine {
  let starts = 0;
  return {
    async start(signal) {
      const engineStart = ++starts;
      const prepared = await (options.prepare?.(engineStart, signal) ?? fromHub(options.config));
      try {
        failIfGivenUp(signal);
        return await launch(options, { prepared, engineStart, signal });
      } finally {
        await prepared.close();
      }
    },
  };
}

interface Launch {
  readonly prepared: VllmStart;
  readonly engineStart: number;
  readonly signal: AbortSignal | undefined;
}

async function launch(
  options: VllmEngineOptions,
  { prepared, engineStart, signal }: Launch,
): Promise<RunningEngine> {
  const { time, user, onLine } = options;
  const { model, args } = prepared;
  const config = { ...options.config, model, args: [...options.config.args, ...args] };
  const socket = engineSocket(user?.groupId);
  const startedAtMs = time.nowMs();
  let report: EngineReport = {};
  let lastLine: string | null = null;
  let hasRequests = false;
  const process = startEngineProcess({
    launcher: user?.launcher,
    command: serveCommand({ ...options, config }, socket.path),
    env: { ...environmentOf(options), ...prepared.env },
    onLine(line) {
      report = readEngineLine(report, line);
      if (!hasRequests && saysSomething(line)) lastLine = line.trimEnd();
      const kept = hasRequests ? safeEngineLine(line) : line;
      if (kept !== null) onLine(kept);
    },
  });
  const exited = process.exited.finally(socket.remove);
  const address = { origin: 'http://engine', basePath: '/v1', socketPath: socket.path };
  try {
    const readiness = await becomeReady(options, { address, exited, lastLine: () => lastLine, signal });
    await prepared.ready(signal);
    hasRequests = true;
    const coldStart = { startedAtMs, ...readiness, report };
    return runningEngine({ process, exited, address, engineStart, coldStart, time });
  } catch (error) {
    process.kill();
    await exited;
    throw error;
  }
}

/** What is indented belongs to a line before it: Python's last warnings have their source below them. */
const saysSomething = (line: string): boolean => /^\S/.test(line);

/**
 * Our flags come last, and win: the agent finds vLLM by the socket, and Requests find the model by its name. Those for
 * adapters come first: how many places they get is for the catalogue to tune.
 */
export function serveCommand(
  { config, model, adapters = [] }: Pick<VllmEngineOptions, 'config' | 'model' | 'adapters'>,
  socketPath: string,
): [string, ...string[]] {
  const [program, ...rest] = config.command;
  const ours = ['--disable-uvicorn-access-log', '--served-model-name', model, '--uds', socketPath];
  // With several servers each would know only the adapters that it loaded itself, so vLLM refuses to start.
  if (adapters.length > 0) ours.push('--api-server-count', '1');
  const flags = [...adapterFlags(adapters), ...config.args, ...mediaFlags(config.mediaDomains ?? [])];
  return [program, ...rest, 'serve', config.model, ...flags, ...ours];
}

/**
 * The agent ends idle connections, never the engine: its default of 5 seconds is so near to the agent's own 4 that a
 * pause of the machine breaks every Request that is sent right after it.
 */
const KEEP_ALIVE_SECONDS = 3600;

function environmentOf({ config, env, adapters = [] }: VllmEngineOptions): Record<string, string> {
  const kept = { VLLM_HTTP_TIMEOUT_KEEP_ALIVE: String(KEEP_ALIVE_SECONDS) };
  return {
    ...kept,
    ...engineEnvironment(env, Object.keys(config.secrets ?? {})),
    ...config.env,
    ...MEDIA_ENVIRONMENT,
    // vLLM warns that whoever reaches it may load any folder: nobody but the agent can enter its socket's.
    ...(adapters.length > 0 ? { VLLM_ALLOW_RUNTIME_LORA_UPDATING: '1' } : {}),
  };
}

interface Starting {
  readonly address: EngineAddress;
  readonly exited: Promise<void>;
  readonly lastLine: () => string | null;
  readonly signal: AbortSignal | undefined;
}

type Readiness = Pick<EngineStart, 'healthyAtMs' | 'answeredAtMs'>;

async function becomeReady(
  options: VllmEngineOptions,
  { address, exited, lastLine, signal }: Starting,
): Promise<Readiness> {
  const { time, model, endpoints, config } = options;
  const timeoutMs = config.startTimeoutMs;
  const untilMs = time.monotonicMs() + timeoutMs;
  const client = options.connect(address);
  const over = new AbortController();
  void exited.then(() => over.abort());
  try {
    await untilReady(client, { time, timeoutMs, exited, lastLine, signal });
    const healthyAtMs = time.nowMs();
    void time.sleep(untilMs - time.monotonicMs(), over.signal).then(() => over.abort());
    const either = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
    await probeEngine(client, { model, endpoints, signal: either });
    return { healthyAtMs, answeredAtMs: time.nowMs() };
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
  readonly coldStart: EngineStart;
  readonly time: AgentTime;
}): RunningEngine {
  const { process, exited, address, engineStart, coldStart, time } = engine;
  return {
    address,
    engineStart,
    coldStart,
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
