/** Wakes whoever waits for something to change; what is rung while nobody waits is not kept. */
export interface Bell {
  ring(): void;
  /** Resolves with the next ring, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

export function bell(): Bell {
  let waiting: (() => void)[] = [];
  return {
    ring() {
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    wait(signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          // The signal may outlive millions of waits.
          signal.removeEventListener('abort', wake);
          resolve();
        };
        signal.addEventListener('abort', wake);
        waiting.push(wake);
      });
    },
  };
}
