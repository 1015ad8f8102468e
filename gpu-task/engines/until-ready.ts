import type { AgentTime, EngineClient } from '../../core/agent/ports.ts';

export interface ReadyOptions {
  readonly time: AgentTime;
  readonly timeoutMs: number;
  /** Resolves when waiting on has no use. */
  readonly exited?: Promise<void>;
  /** What the engine printed last; only asked before it has Requests of users. @default - it is not known */
  readonly lastLine?: (() => string | null) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const PROBE_EVERY_MS = 100;
/** Of the line that a failure quotes. */
const QUOTED_CHARACTERS = 300;

/** Waits until the engine answers; fails where it has ended, was not ready in time, or the wait was aborted. */
export async function untilReady(
  client: EngineClient,
  { time, timeoutMs, exited, lastLine, signal }: ReadyOptions,
): Promise<void> {
  const untilMs = time.monotonicMs() + timeoutMs;
  let ended = false;
  void exited?.then(() => {
    ended = true;
  });
  while (!(await client.isHealthy())) {
    if (ended) throw endedEarly(lastLine?.() ?? null);
    failIfGivenUp(signal);
    if (time.monotonicMs() >= untilMs) throw new Error(`The engine was not ready within ${timeoutMs} ms.`);
    await time.sleep(PROBE_EVERY_MS, signal);
  }
}

function endedEarly(lastLine: string | null): Error {
  if (lastLine === null) return new Error('The engine ended before it was ready.');
  const isLong = lastLine.length > QUOTED_CHARACTERS;
  const quoted = isLong ? `${lastLine.slice(0, QUOTED_CHARACTERS)}…` : lastLine;
  return new Error(`The engine ended before it was ready. It printed last: ${quoted}`);
}

export function failIfGivenUp(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Error('The start of the engine was given up.');
}
