import type { Dispatcher, Pool } from 'undici';
import type { EngineAnswer } from '../../core/agent/ports.ts';

export interface WholeRequest {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** `POST`s a body and collects the answer, without the streams that undici would make of it; fails if aborted. */
export function postForAnswer(
  pool: Pool,
  { path, headers, body }: WholeRequest,
  signal: AbortSignal,
): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const handler = collector(resolve, reject, signal);
    pool.dispatch({ path, headers, body, method: 'POST' }, handler);
  });
}

function collector(
  resolve: (answer: EngineAnswer) => void,
  reject: (error: Error) => void,
  signal: AbortSignal,
): Dispatcher.DispatchHandler {
  let sending: Dispatcher.DispatchController | null = null;
  let statusCode = 0;
  let retryAfter: unknown;
  const chunks: Buffer[] = [];

  function abort(): void {
    const error = new Error('The Request was taken back.');
    sending?.abort(error);
    reject(error);
  }
  signal.addEventListener('abort', abort);

  return {
    onRequestStart(controller) {
      // Requests wait for a connection; the signal may come before it.
      if (signal.aborted) return controller.abort(new Error('The Request was taken back.'));
      sending = controller;
    },
    onResponseStart(_controller, status, headers) {
      statusCode = status;
      retryAfter = headers['retry-after'];
    },
    onResponseData: (_controller, chunk) => void chunks.push(chunk),
    onResponseEnd() {
      signal.removeEventListener('abort', abort);
      const [only] = chunks;
      const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
      const seconds = Number(retryAfter);
      resolve(seconds > 0 ? { statusCode, body, retryAfterMs: seconds * 1000 } : { statusCode, body });
    },
    onResponseError(_controller, error) {
      signal.removeEventListener('abort', abort);
      reject(error);
    },
  };
}
