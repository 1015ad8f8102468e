import { type Dispatcher, Pool } from 'undici';
import type { EngineAnswer, EngineClient } from '../../core/agent/ports.ts';

export interface HttpEngineOptions {
  /** `http://host:port`; behind a unix socket only a name. */
  readonly origin: string;
  /** What stands for `/v1` in the engine's paths. */
  readonly basePath: string;
  readonly socketPath?: string;
  readonly apiKey?: string;
  /** Connections at most: one for each Request in flight. */
  readonly connections: number;
}

const HEALTH_TIMEOUT_MS = 2000;
/** The engine says that it is dead, or a proxy that nothing is behind it. */
const DEAD: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * An engine over HTTP. Connections are kept alive and carry one Request at a time; the timeouts are the caller's,
 * because the first byte of an answer may take minutes.
 */
export function httpEngine(options: HttpEngineOptions): EngineClient {
  const { origin, basePath, socketPath, connections, apiKey } = options;
  const pool = new Pool(origin, {
    // One more than Requests: health must not wait behind them.
    connections: connections + 1,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(socketPath === undefined ? {} : { socketPath }),
  });
  const headers = {
    'content-type': 'application/json',
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  return {
    async send(path, body, signal) {
      const answer = await pool.request({
        path: path.replace(/^\/v1(?=\/)/, basePath),
        method: 'POST',
        headers,
        body,
        signal,
      });
      return answerOf(answer);
    },
    isHealthy: () => isHealthy(pool),
    close: () => pool.destroy(),
  };
}

async function answerOf(answer: Dispatcher.ResponseData): Promise<EngineAnswer> {
  const body = new Uint8Array(await answer.body.arrayBuffer());
  const seconds = Number(answer.headers['retry-after']);
  return {
    statusCode: answer.statusCode,
    body,
    ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  };
}

/** A server without `/health` answers 404, which shows that it lives. */
async function isHealthy(pool: Pool): Promise<boolean> {
  try {
    const answer = await pool.request({
      path: '/health',
      method: 'GET',
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    });
    await answer.body.dump();
    return !DEAD.has(answer.statusCode);
  } catch {
    return false;
  }
}
