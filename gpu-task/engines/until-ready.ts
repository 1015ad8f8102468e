import type { AgentTime, EngineClient } from '../../core/agent/ports.ts';

export interface ReadyOptions {
  readonly time: AgentTime;
  readonly timeoutMs: number;
  /** Resolves when waiting on has no use. */
  readonly exited?: Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

const PROBE_EVERY_MS = 100;

/** Waits until the engine answers; fails where it has ended, was not ready in time, or the wait was aborted. */
export async function untilReady(
  client: EngineClient,
  { time, timeoutMs, exited, signal }: ReadyOptions,
): Promise<void> {
  const untilMs = time.monotonicMs() + timeoutMs;
  let ended = false;
  void exited?.then(() => {
    ended = true;
  });
  while (!(await client.isHealthy())) {
    if (ended) throw new Error('The engine ended before it was ready.');
    failIfGivenUp(signal);
    if (time.monotonicMs() >= untilMs) throw new Error(`The engine was not ready within ${timeoutMs} ms.`);
    await time.sleep(PROBE_EVERY_MS, signal);
  }
}

export function failIfGivenUp(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Error('The start of the engine was given up.');
}
