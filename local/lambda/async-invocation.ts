import type { InvokeResult } from './invoke-result.ts';

/** An async invocation that failed is tried again after one and after two minutes, as Lambda does. */
export const ASYNC_RETRY_DELAYS_MS: readonly number[] = [60_000, 120_000];

export interface AsyncInvocations {
  /** Runs it now and, while it fails, once more after each delay. */
  start(run: () => Promise<InvokeResult>): void;
  /** Drops what waits for another try. */
  close(): void;
}

/** What Lambda does with accepted events: nobody waits for them, and errors are retried. */
export function createAsyncInvocations(
  retryDelaysMs: readonly number[],
  onDropped: (result: InvokeResult) => void,
): AsyncInvocations {
  const timers = new Set<NodeJS.Timeout>();
  const attempt = async (run: () => Promise<InvokeResult>, delays: readonly number[]): Promise<void> => {
    const result = await run();
    if (result.kind === 'success') return;
    const [delayMs, ...later] = delays;
    if (delayMs === undefined) return onDropped(result);
    const timer = setTimeout(() => {
      timers.delete(timer);
      void attempt(run, later);
    }, delayMs);
    timers.add(timer);
  };
  return {
    start: (run) => void attempt(run, retryDelaysMs),
    close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
