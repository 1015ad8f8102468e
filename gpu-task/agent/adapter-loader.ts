import { backOffMs } from '../../core/agent/back-off.ts';
import { mayMeanDeath } from '../../core/agent/line-decision.ts';
import { field } from '../../core/agent/usage.ts';
import { parseJson } from '../../core/agent/verdict.ts';
import type { Adapter } from '../../core/fleet/adapter.ts';
import { DEATHS_BEFORE_ISOLATION } from '../../core/protocol/poison.ts';
import type { AgentDeps } from './deps.ts';
import type { EngineHost, LiveEngine } from './engine-host.ts';
import { requestTimeouts } from './request-timeouts.ts';
import { sendOnce } from './send-once.ts';

export type AdapterLoad =
  | { readonly kind: 'loaded' }
  /** The engine has ended: ask its successor. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly why: string };

/** Brings adapters to engines that can take them while they run. */
export interface AdapterLoader {
  /**
   * Has an engine load an adapter, once for all who ask. A failure is not kept: whoever asks later has it tried again,
   * because the files may be there by then.
   */
  load(adapter: Adapter, engine: LiveEngine): Promise<AdapterLoad>;
  /** A load may end the engine: no line may run alone beside one. */
  isLoading(): boolean;
}

/** vLLM's own, behind VLLM_ALLOW_RUNTIME_LORA_UPDATING. */
const PATH = '/v1/load_lora_adapter';
/** In vLLM's refusal of a name that it has: an earlier answer was lost. */
const ALREADY_LOADED = 'has already been loaded';
const TRIES = 3;
/** About half a minute: a failure is final for all lines of the Shard, and S3 may be away for some seconds. */
const TRIES_FOR_FILES = 8;
/** Reading some hundred megabytes takes seconds, behind Requests that hold every connection a little longer. */
const TIMEOUT_MS = 300_000;
/**
 * A line that runs beside a load may be what ends the engine, until its Shard has so many deaths that its lines run
 * alone: the load after those runs without it.
 */
const MAX_DEATHS = DEATHS_BEFORE_ISOLATION + 1;

type LoaderDeps = Pick<AgentDeps, 'adapterFiles' | 'time' | 'random' | 'log'>;

export function adapterLoader(deps: LoaderDeps, host: Pick<EngineHost, 'examine'>): AdapterLoader {
  const loads = new Map<string, { readonly engineStart: number; readonly result: Promise<AdapterLoad> }>();
  const deaths = new Map<string, number>();
  let loading = 0;

  /** Null where it is worth another try. */
  async function tryOnce({ id, folder }: Found, engine: LiveEngine): Promise<AdapterLoad | null> {
    const { client, gone } = engine;
    const timeouts = requestTimeouts(deps.time, TIMEOUT_MS, gone);
    const body = Buffer.from(JSON.stringify({ lora_name: id, lora_path: folder }));
    const outcome = await sendOnce({ client, path: PATH, body, timeouts, ending: new AbortController() });
    const lives = !mayMeanDeath(outcome) || (await host.examine(engine)) === 'alive';
    if (lives) return outcome.kind === 'answered' ? judge(outcome.answer) : null;
    const died = (deaths.get(id) ?? 0) + 1;
    deaths.set(id, died);
    return died < MAX_DEATHS ? { kind: 'gone' } : deadly();
  }

  async function bring(adapter: Adapter, engine: LiveEngine): Promise<AdapterLoad> {
    if ((deaths.get(adapter.id) ?? 0) >= MAX_DEATHS) return deadly();
    let why = '';
    for (let [unread, unanswered] = [0, 0]; unread < TRIES_FOR_FILES && unanswered < TRIES; ) {
      try {
        const folder = await deps.adapterFiles.folderOf(adapter);
        if (engine.gone.aborted) return { kind: 'gone' };
        const load = await tryOnce({ id: adapter.id, folder }, engine);
        if (load !== null) return load;
        why = 'the engine did not answer';
        unanswered++;
      } catch (error) {
        why = error instanceof Error ? error.message : String(error);
        unread++;
      }
      await deps.time.sleep(backOffMs(unread + unanswered, deps.random()), engine.gone);
      if (engine.gone.aborted) return { kind: 'gone' };
    }
    return { kind: 'failed', why };
  }

  async function told(adapter: Adapter, engine: LiveEngine): Promise<AdapterLoad> {
    const sinceMs = deps.time.monotonicMs();
    loading++;
    const load = await bring(adapter, engine).finally(() => {
      loading--;
    });
    const { log } = deps;
    const tookMs = Math.round(deps.time.monotonicMs() - sinceMs);
    if (load.kind === 'loaded') {
      deaths.delete(adapter.id);
      log.info('An adapter is loaded.', { adapter: adapter.id, tookMs });
    }
    if (load.kind === 'failed') {
      log.warn('An adapter cannot be loaded.', { adapter: adapter.id, reason: load.why });
      if (loads.get(adapter.id)?.engineStart === engine.engineStart) loads.delete(adapter.id);
    }
    return load;
  }

  return {
    isLoading: () => loading > 0,
    load(adapter, engine) {
      const { engineStart } = engine;
      const known = loads.get(adapter.id);
      if (known?.engineStart === engineStart) return known.result;
      const result = told(adapter, engine);
      loads.set(adapter.id, { engineStart, result });
      return result;
    },
  };
}

interface Found {
  readonly id: string;
  readonly folder: string;
}

const deadly = (): AdapterLoad => ({
  kind: 'failed',
  why: `the engine ended while it loaded it, ${MAX_DEATHS} times`,
});

/** An answer is final: vLLM refuses what it cannot read or was not started for. */
function judge({
  statusCode,
  body,
}: {
  readonly statusCode: number;
  readonly body: Uint8Array;
}): AdapterLoad {
  const message = field(field(parseJson(body), 'error'), 'message');
  const isLoaded = statusCode === 200 || String(message).includes(ALREADY_LOADED);
  return isLoaded
    ? { kind: 'loaded' }
    : { kind: 'failed', why: `the engine answers ${statusCode}: ${message ?? 'it does not say why'}` };
}
