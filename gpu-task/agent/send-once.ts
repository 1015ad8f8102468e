import type { SendOutcome } from '../../core/agent/line-decision.ts';
import type { EngineClient } from '../../core/agent/ports.ts';
import { reasonOf } from './log.ts';
import type { RequestTimeouts } from './request-timeouts.ts';

export interface SendRequest {
  readonly client: EngineClient;
  readonly path: string;
  readonly body: Uint8Array;
  readonly timeouts: RequestTimeouts;
  /** Ends the Request: by its timeout, or because it is taken back. */
  readonly ending: AbortController;
}

/** Sends a Request once. A Request that was taken back ends like a broken connection: look at the signal first. */
export async function sendOnce({ client, path, body, timeouts, ending }: SendRequest): Promise<SendOutcome> {
  let timedOut = false;
  const stop = timeouts.start(() => {
    timedOut = true;
    ending.abort();
  });
  try {
    return { kind: 'answered', answer: await client.send(path, body, ending.signal) };
  } catch (error) {
    return { kind: 'unanswered', why: timedOut ? 'timeout' : 'connection', reason: reasonOf(error) };
  } finally {
    stop();
  }
}
