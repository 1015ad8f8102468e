import { fileURLToPath } from 'node:url';
import type { AgentTime, EngineClient } from '../core/agent/ports.ts';
import type { Fleet, VllmEngineConfig } from '../core/fleet/catalogue.ts';
import { prepareVllm, type VllmStartOptions } from './cold-start/vllm-start.ts';
import type { Engine, EngineAddress } from './engines/engine.ts';
import { engineUserOf } from './engines/engine-user.ts';
import { openAiCompatibleEngine } from './engines/openai-compatible.ts';
import { simulatedEngine } from './engines/simulated.ts';
import { vllmEngine } from './engines/vllm.ts';

export interface EngineOfOptions {
  readonly fleet: Fleet;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly time: AgentTime;
  readonly connect: (address: EngineAddress) => EngineClient;
  /** Gets each line that an engine of ours prints. @default - they are thrown away */
  readonly onEngineLine?: (line: string) => void;
  /** For vLLM's weights and compiled kernels. @default - it reads the hub, and compiles at every start */
  readonly coldStart?: Pick<VllmStartOptions, 'modelFiles' | 'gpus' | 'log'>;
}

/** All that a simulated engine sees of our environment. */
const SIMULATED_ENV = [
  'PATH',
  'SIMULATED_ENGINE_EVENTS',
  'SIMULATED_ENGINE_FAULTS',
  'SIMULATED_ENGINE_LOG',
] as const;
/** An engine that takes twice its usual start is not coming; a short usual start is only a guess. */
const READY_TIMEOUT_FACTOR = 2;
const MIN_READY_TIMEOUT_MS = 60_000;

/** The engine that the catalogue names for a Fleet. */
export function engineOf(options: EngineOfOptions): Engine {
  const { fleet, env, time, connect, onEngineLine } = options;
  const { engine, model, endpoints, adapters } = fleet;
  const readyTimeoutMs = Math.max(MIN_READY_TIMEOUT_MS, fleet.startMs * READY_TIMEOUT_FACTOR);
  switch (engine.kind) {
    case 'openai-compatible': {
      const { baseUrl, model: named } = engine;
      const apiKey = env['ENGINE_API_KEY'];
      return openAiCompatibleEngine({
        ...{ baseUrl, apiKey, model, named, endpoints, time, readyTimeoutMs, connect },
      });
    }
    case 'simulated': {
      const { kind: _kind, ...timing } = engine;
      const adapterIds = adapters.map(({ id }) => id);
      const settings = { ...timing, model, adapters: adapterIds, contextTokens: fleet.contextTokens };
      const passed = SIMULATED_ENV.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
      const program = simulatedProgram();
      return simulatedEngine({
        program,
        settings,
        env: Object.fromEntries(passed),
        time,
        readyTimeoutMs,
        connect,
      });
    }
    case 'vllm': {
      const onLine = onEngineLine ?? (() => undefined);
      const user = engineUserOf(env);
      const prepare = vllmPreparation(options, engine);
      return vllmEngine({
        ...{ config: engine, model, endpoints, adapters, env, user, time, connect, onLine, prepare },
      });
    }
    default:
      return engine satisfies never;
  }
}

function vllmPreparation({ fleet, env, coldStart }: EngineOfOptions, config: VllmEngineConfig) {
  if (coldStart === undefined) return undefined;
  return prepareVllm({
    ...coldStart,
    fleetId: fleet.id,
    config,
    cacheRoot: config.env?.['VLLM_CACHE_ROOT'] ?? env['VLLM_CACHE_ROOT'],
    launcher: engineUserOf(env)?.launcher,
    vllmVersion: env['ENGINE_VERSION'] ?? 'unknown',
  });
}

/** Beside us: in the bundle as .mjs, in the source tree as .ts. */
function simulatedProgram(): string {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.mjs';
  return fileURLToPath(new URL(`./simulated-engine${extension}`, import.meta.url));
}
