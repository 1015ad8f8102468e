/** An Attempt, as far as it matters for what is sent next. */
export interface AttemptLoad {
  /** Lines that may be sent now. */
  readonly waiting: number;
  readonly inFlight: number;
  /** Runs alone on the engine, one line at a time. */
  readonly isolated: boolean;
  /** Lines without a result, waiting and in flight and backing off. */
  readonly unfinished: number;
}

/**
 * Which Attempt (by position, oldest first) sends its next line, or null where none may. Older Attempts go first,
 * so that a younger one only fills what they leave free. An isolated Attempt neither shares the engine nor sends
 * two lines at once.
 */
export function nextToSend(attempts: readonly AttemptLoad[], concurrency: number): number | null {
  const inFlight = attempts.reduce((sum, attempt) => sum + attempt.inFlight, 0);
  if (inFlight >= concurrency) return null;
  for (const [i, attempt] of attempts.entries()) {
    if (attempt.isolated && attempt.unfinished > 0) return inFlight === 0 && attempt.waiting > 0 ? i : null;
    if (attempt.waiting > 0) return i;
  }
  return null;
}

/**
 * Whether the agent should lease one more Shard: when what waits could not fill the engine once more. Beside an
 * isolated Attempt nothing else could run.
 */
export function hasRoom(attempts: readonly AttemptLoad[], concurrency: number): boolean {
  if (attempts.some(({ isolated, unfinished }) => isolated && unfinished > 0)) return false;
  return attempts.reduce((sum, attempt) => sum + attempt.waiting, 0) < concurrency;
}
