import type { AgentTime, EngineClient } from '../../core/agent/ports.ts';
import type { Engine, EngineAddress } from './engine.ts';
import { untilReady } from './until-ready.ts';

export interface OpenAiCompatibleOptions {
  /** Up to and including the version: `http://127.0.0.1:8000/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly time: AgentTime;
  readonly readyTimeoutMs: number;
  readonly connect: (address: EngineAddress) => EngineClient;
}

/** A server that someone else runs: there is nothing to start, and it is not ours to stop. */
export function openAiCompatibleEngine(options: OpenAiCompatibleOptions): Engine {
  const address = addressOf(options);
  let starts = 0;
  return {
    async start(signal) {
      const client = options.connect(address);
      try {
        await untilReady(client, { time: options.time, timeoutMs: options.readyTimeoutMs, signal });
      } finally {
        await client.close();
      }
      return {
        address,
        engineStart: ++starts,
        exited: new Promise(() => undefined),
        stop: async () => undefined,
        kill: () => undefined,
      };
    },
  };
}

function addressOf({ baseUrl, apiKey }: OpenAiCompatibleOptions): EngineAddress {
  const url = new URL(baseUrl);
  const basePath = url.pathname.replace(/\/+$/, '');
  return { origin: url.origin, basePath, ...(apiKey === undefined ? {} : { apiKey }) };
}
