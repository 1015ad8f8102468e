export interface Timer {
  cancel(): void;
}

/** The only source of time of the embedded Step Functions, so that a test can hold it. */
export interface Clock {
  nowMs(): number;
  setTimer(delayMs: number, fire: () => void): Timer;
}

/** setTimeout fires at once for a longer delay, and Step Functions allows waits of a year. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's clock; a delay may be longer than setTimeout's 24.8 days. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  setTimer(delayMs, fire) {
    let remainingMs = delayMs;
    let handle: NodeJS.Timeout;
    const arm = () => {
      const stepMs = Math.min(remainingMs, LONGEST_TIMEOUT_MS);
      remainingMs -= stepMs;
      handle = setTimeout(() => (remainingMs > 0 ? arm() : fire()), stepMs);
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  },
};
