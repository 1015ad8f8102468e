import { fileURLToPath } from 'node:url';
import type { AgentTime, EngineClient } from '../core/agent/ports.ts';
import type { Fleet } from '../core/fleet/catalogue.ts';
import type { Engine, EngineAddress } from './engines/engine.ts';
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
export function engineOf({ fleet, env, time, connect, onEngineLine }: EngineOfOptions): Engine {
  const { engine, model, endpoints } = fleet;
  const readyTimeoutMs = Math.max(MIN_READY_TIMEOUT_MS, fleet.startMs * READY_TIMEOUT_FACTOR);
  switch (engine.kind) {
    case 'openai-compatible': {
      const { baseUrl } = engine;
      return openAiCompatibleEngine({
        baseUrl,
        apiKey: env['ENGINE_API_KEY'],
        time,
        readyTimeoutMs,
        connect,
      });
    }
    case 'simulated': {
      const { kind: _kind, ...timing } = engine;
      const settings = { ...timing, model, contextTokens: fleet.contextTokens };
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
      return vllmEngine({ config: engine, model, endpoints, env, time, connect, onLine });
    }
    default:
      return engine satisfies never;
  }
}

/** Beside us: in the bundle as .mjs, in the source tree as .ts. */
function simulatedProgram(): string {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.mjs';
  return fileURLToPath(new URL(`./simulated-engine${extension}`, import.meta.url));
}
