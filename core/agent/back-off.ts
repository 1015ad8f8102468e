const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/**
 * Milliseconds to wait after the `tries`-th try (from 1): exponential with full jitter from `random` in [0, 1), so
 * that lines that failed together do not come back together. An engine's own wish is kept, up to the longest wait.
 */
export function backOffMs(tries: number, random: number, retryAfterMs = 0): number {
  const ceilingMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1));
  const wishedMs = Math.min(LONGEST_MS, retryAfterMs);
  return Math.max(wishedMs, Math.ceil(ceilingMs * (0.5 + random / 2)));
}
