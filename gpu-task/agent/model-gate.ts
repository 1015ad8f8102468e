import type { Adapter } from '../../core/fleet/adapter.ts';
import { adapterOf } from '../../core/fleet/models.ts';
import type { AdapterLoader } from './adapter-loader.ts';
import type { AgentDeps } from './deps.ts';
import type { LiveEngine } from './engine-host.ts';

/** Keeps an Attempt's lines from an engine that does not serve their model yet. */
export interface ModelGate {
  /** Where this is false, the model's adapter is on its way. */
  isOpen(engine: LiveEngine): boolean;
  /** Whether the model's adapter is on its way now. */
  isWaiting(): boolean;
}

export interface ModelGateOptions {
  readonly fleet: AgentDeps['fleet'];
  /** As the lines name it. */
  readonly model: string;
  readonly adapters: AdapterLoader;
  /** A load is over, even where nobody waits for it any more: lines that run alone wait for any. */
  readonly onEnd: () => void;
  /** The model cannot be had, and why. */
  readonly onFailed: (why: string) => void;
  /** Nobody waits any more. */
  readonly over: AbortSignal;
}

/**
 * Adapters are loaded when the first line asks for them, and again after each start of the engine: a start is not
 * longer for adapters that nobody uses, and one that cannot be loaded stops nothing but its own lines. No line may come
 * before: vLLM answers 404 to a name that it does not know yet, and that would be final.
 */
export function modelGate(options: ModelGateOptions): ModelGate {
  const { fleet, model } = options;
  // Of other kinds of engines: the simulated one knows all names, and a server of someone else has what it has.
  const adapter = fleet.engine.kind === 'vllm' ? adapterOf(fleet, model) : undefined;
  return adapter === undefined ? { isOpen: () => true, isWaiting: () => false } : gateOf(adapter, options);
}

function gateOf(adapter: Adapter, { adapters, onEnd, onFailed, over }: ModelGateOptions): ModelGate {
  let asked = 0;
  let open = 0;

  async function ask(engine: LiveEngine): Promise<void> {
    const load = await adapters.load(adapter, engine);
    if (load.kind === 'loaded') open = engine.engineStart;
    if (load.kind === 'failed' && !over.aborted) onFailed(load.why);
    else onEnd();
  }

  return {
    isOpen(engine) {
      const { engineStart } = engine;
      if (asked !== engineStart) {
        asked = engineStart;
        void ask(engine);
      }
      return open === engineStart;
    },
    isWaiting: () => open !== asked,
  };
}
