import { Pool } from 'undici';
import type { EngineClient } from '../../core/agent/ports.ts';
import { modelNamesIn } from '../../core/agent/served-model.ts';
import { postForAnswer } from './whole-answer.ts';

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

const PROBE_TIMEOUT_MS = 2000;
/** Of a server on the internet with hundreds of models. */
const MODELS_TIMEOUT_MS = 20_000;
/** The engine says that it is dead, or a proxy that nothing is behind it. */
const DEAD: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * An engine over HTTP. Connections are kept alive and carry one Request at a time; the timeouts are the caller's,
 * because the first byte of an answer may take minutes.
 */
export function httpEngine(options: HttpEngineOptions): EngineClient {
  const { origin, basePath, socketPath, connections, apiKey } = options;
  const pool = new Pool(origin, {
    // Two more than Requests: health and metrics must not wait behind them.
    connections: connections + 2,
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
    send: (path, body, signal) =>
      postForAnswer(pool, { path: path.replace(/^\/v1(?=\/)/, basePath), headers, body }, signal),
    isHealthy: () => isHealthy(pool),
    metrics: () => metricsOf(pool),
    models: (signal) => modelsOf(pool, { path: `${basePath}/models`, headers, signal }),
    close: () => pool.destroy(),
  };
}

/** A server without `/health` answers 404, which shows that it lives. */
async function isHealthy(pool: Pool): Promise<boolean> {
  try {
    const answer = await pool.request({
      path: '/health',
      method: 'GET',
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    await answer.body.dump();
    return !DEAD.has(answer.statusCode);
  } catch {
    return false;
  }
}

/** At the root, whatever the base path (vLLM docs, production metrics). */
async function metricsOf(pool: Pool): Promise<string | null> {
  const answer = await pool.request({
    path: '/metrics',
    method: 'GET',
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  });
  if (answer.statusCode === 200) return answer.body.text();
  await answer.body.dump();
  if (answer.statusCode >= 400 && answer.statusCode < 500) return null;
  throw new Error(`GET /metrics answered ${answer.statusCode}.`);
}

async function modelsOf(
  pool: Pool,
  request: {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
): Promise<readonly string[] | null> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(MODELS_TIMEOUT_MS)]);
  const { statusCode, body } = await pool.request({ ...request, method: 'GET', signal });
  const bytes = await body.bytes();
  if (statusCode === 429 || statusCode >= 500) throw new Error(`GET ${request.path} answered ${statusCode}.`);
  return statusCode === 200 ? modelNamesIn(bytes) : null;
}
