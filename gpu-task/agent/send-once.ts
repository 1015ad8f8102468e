import type { SendOutcome } from '../../core/agent/line-decision.ts';
import type { AgentTime, EngineClient } from '../../core/agent/ports.ts';

export interface SendRequest {
  readonly client: EngineClient;
  readonly path: string;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  readonly time: AgentTime;
  /** Takes the Request back. */
  readonly signal: AbortSignal;
}

/** Sends a Request once. A Request that was taken back ends like a broken connection: look at the signal first. */
export async function sendOnce(request: SendRequest): Promise<SendOutcome> {
  const { client, path, body, timeoutMs, time, signal } = request;
  const over = new AbortController();
  const timeout = new AbortController();
  void time.sleep(timeoutMs, over.signal).then(() => {
    if (!over.signal.aborted) timeout.abort();
  });
  try {
    const answer = await client.send(path, body, AbortSignal.any([signal, timeout.signal]));
    return { kind: 'answered', answer };
  } catch {
    return { kind: 'unanswered', why: timeout.signal.aborted ? 'timeout' : 'connection' };
  } finally {
    over.abort();
  }
}
