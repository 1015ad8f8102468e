/** An Attempt, as far as it matters for what is sent next. */
export interface AttemptLoad {
  /** Lines that may be sent now. */
  readonly waiting: number;
  readonly inFlight: number;
  /** That those in flight are expected to need in the engine's cache. */
  readonly inFlightTokens: number;
  /** Runs alone on the engine, one line at a time. */
  readonly isolated: boolean;
  /** Lines without a result, waiting and in flight and backing off. */
  readonly unfinished: number;
}

/** What may be in flight. */
export interface Room {
  readonly requests: number;
  /** By expectation; one Request may run whatever it needs. */
  readonly tokens: number;
}

export const NO_ROOM: Room = { requests: 0, tokens: 0 };

/**
 * Which Attempt (by position, oldest first) sends its next line, or null where none may. Older Attempts go first,
 * so that a younger one only fills what they leave free. An isolated Attempt neither shares the engine nor sends
 * two lines at once.
 */
export function nextToSend(attempts: readonly AttemptLoad[], room: Room): number | null {
  let inFlight = 0;
  let tokens = 0;
  for (const attempt of attempts) {
    inFlight += attempt.inFlight;
    tokens += attempt.inFlightTokens;
  }
  if (inFlight >= room.requests || (inFlight > 0 && tokens >= room.tokens)) return null;
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
export function hasRoom(attempts: readonly AttemptLoad[], { requests }: Room): boolean {
  if (attempts.some(({ isolated, unfinished }) => isolated && unfinished > 0)) return false;
  return attempts.reduce((sum, attempt) => sum + attempt.waiting, 0) < requests;
}
