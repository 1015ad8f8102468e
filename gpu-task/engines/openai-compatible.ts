import type { AgentTime, EngineClient } from '../../core/agent/ports.ts';
import { servedModel } from '../../core/agent/served-model.ts';
import type { Engine, EngineAddress } from './engine.ts';
import { ProbeRefused, probeEngine } from './probe.ts';
import { untilReady } from './until-ready.ts';

export interface OpenAiCompatibleOptions {
  /** Up to and including the version: `http://127.0.0.1:8000/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  /** The Fleet's name for the model, which Requests use. */
  readonly model: string;
  /** What the server calls it, as far as the catalogue says. */
  readonly named?: string | undefined;
  readonly endpoints: readonly string[];
  readonly time: AgentTime;
  readonly readyTimeoutMs: number;
  readonly connect: (address: EngineAddress) => EngineClient;
}

/** Ollama reads a model's weights with its first Request. */
const PROBE_TIMEOUT_MS = 300_000;
const ASK_AGAIN_AFTER_MS = 1000;
/** All servers of someone else have it, if not the older ones of the Fleet's endpoints. */
const CHAT = '/v1/chat/completions';
const SHOWN_MODELS = 20;

/**
 * A server that someone else runs: there is nothing to start, and it is not ours to stop. A start fails where it does
 * not know the model: its 404 would be the final answer to every Request.
 */
export function openAiCompatibleEngine(options: OpenAiCompatibleOptions): Engine {
  const address = addressOf(options);
  let starts = 0;
  return {
    async start(signal) {
      const client = options.connect(address);
      try {
        await untilReady(client, { time: options.time, timeoutMs: options.readyTimeoutMs, signal });
        return {
          address,
          engineStart: ++starts,
          servedModel: await modelAt(client, options, signal),
          exited: new Promise(() => undefined),
          stop: async () => undefined,
          kill: () => undefined,
        };
      } finally {
        await client.close();
      }
    },
  };
}

function addressOf({ baseUrl, apiKey }: OpenAiCompatibleOptions): EngineAddress {
  const url = new URL(baseUrl);
  const basePath = url.pathname.replace(/\/+$/, '');
  return { origin: url.origin, basePath, ...(apiKey === undefined ? {} : { apiKey }) };
}

/** A server that comes up again answers `/health` before it has its list, or is busy at first. */
async function modelAt(
  client: EngineClient,
  options: OpenAiCompatibleOptions,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { time } = options;
  const over = new AbortController();
  const either = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  void time.sleep(PROBE_TIMEOUT_MS, either).then(() => over.abort());
  try {
    for (;;) {
      try {
        return await askOnce(client, options, either);
      } catch (error) {
        if (isFinal(error)) throw error;
        await time.sleep(ASK_AGAIN_AFTER_MS, either);
        if (either.aborted) throw error;
      }
    }
  } finally {
    over.abort();
  }
}

async function askOnce(
  client: EngineClient,
  { model, named, endpoints }: OpenAiCompatibleOptions,
  signal: AbortSignal,
): Promise<string> {
  const listed = await client.models(signal);
  const { name, isListed } = servedModel({ fleetModel: model, named, listed });
  if (isListed) return name;
  const probed = endpoints.includes(CHAT) ? [CHAT] : endpoints;
  try {
    await probeEngine(client, { model: name, endpoints: probed, signal });
    return name;
  } catch (error) {
    throw new Error(`${(error as Error).message} ${adviceFor(name, listed)}`, { cause: error });
  }
}

const isFinal = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof ProbeRefused && error.cause.isFinal;

function adviceFor(name: string, listed: readonly string[] | null): string {
  const shown = (listed ?? ['models that it does not list']).slice(0, SHOWN_MODELS).join(', ') || 'none';
  return `It was asked for the model ${name}, and has ${shown}. Say which one it is by #<model> behind the engine's URL.`;
}
