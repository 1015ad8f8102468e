/** What the token clock shows to `/metrics`. */
export interface TokenClockLoad {
  readonly running: number;
  readonly waiting: number;
}

export interface TokenClock {
  /** Resolves when the engine has worked through `tokens`; leaves the queue when `signal` aborts. */
  run(tokens: number, signal: AbortSignal): Promise<void>;
  load(): TokenClockLoad;
}

interface Running {
  /** Tokens that each running Request will have got when this one is done. */
  readonly doneAtTokens: number;
  readonly resolve: () => void;
}

/**
 * Shares `tokensPerSecond` equally among at most `maxRunning` Requests, as continuous batching does; others wait in
 * order. It counts in tokens given to each, so that a Request's end does not move when others come and go.
 */
export function tokenClock(limits: {
  readonly tokensPerSecond: number;
  readonly maxRunning: number;
}): TokenClock {
  const running = new Set<Running>();
  const waiting: { readonly start: () => void }[] = [];
  let givenTokens = 0;
  let givenAtMs = performance.now();
  let timer: NodeJS.Timeout | undefined;

  const perMs = (): number => limits.tokensPerSecond / 1000 / Math.max(1, running.size);
  function advance(): void {
    const nowMs = performance.now();
    givenTokens += (nowMs - givenAtMs) * perMs();
    givenAtMs = nowMs;
  }
  function schedule(): void {
    clearTimeout(timer);
    const next = Math.min(...[...running].map(({ doneAtTokens }) => doneAtTokens));
    if (next === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(finishDue, Math.max(0, (next - givenTokens) / perMs()));
  }
  function finishDue(): void {
    advance();
    // Timers are up to a millisecond early.
    const due = [...running].filter(({ doneAtTokens }) => doneAtTokens <= givenTokens + perMs());
    for (const request of due) leave(request);
    for (const request of due) request.resolve();
    schedule();
  }
  function leave(request: Running): void {
    advance();
    running.delete(request);
    while (running.size < limits.maxRunning && waiting.length > 0) waiting.shift()?.start();
  }

  return {
    load: () => ({ running: running.size, waiting: waiting.length }),
    run(tokens, signal) {
      return new Promise((resolve) => {
        let request: Running | null = null;
        const start = (): void => {
          advance();
          request = { doneAtTokens: givenTokens + tokens, resolve };
          running.add(request);
          schedule();
        };
        const entry = { start };
        if (running.size < limits.maxRunning) start();
        else waiting.push(entry);
        signal.addEventListener('abort', () => {
          const at = waiting.indexOf(entry);
          if (at !== -1) waiting.splice(at, 1);
          if (request !== null && running.has(request)) leave(request);
          schedule();
          resolve();
        });
      });
    },
  };
}
