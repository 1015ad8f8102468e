/** An Attempt, as far as it matters for what is sent next. */
export interface AttemptLoad {
  /** Lines that may be sent as soon as there is room, unless they are held back. */
  readonly waiting: number;
  /** The engine does not serve the model of its lines yet. */
  readonly heldBack: boolean;
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

/** The next Shards may be of the same model: more of them would be kept from other Tasks, and not run sooner here. */
const MAX_HELD_BACK = 3;

/**
 * Whether the agent should lease one more Shard: when what waits could not fill the engine once more. Lines that are
 * held back fill nothing, but only a few Attempts may be. Beside an isolated Attempt nothing else could run.
 */
export function hasRoom(attempts: readonly AttemptLoad[], { requests }: Room): boolean {
  if (attempts.some(({ isolated, unfinished }) => isolated && unfinished > 0)) return false;
  const waiting = attempts.filter((attempt) => attempt.waiting > 0);
  const sendable = waiting.filter(({ heldBack }) => !heldBack);
  if (waiting.length - sendable.length >= MAX_HELD_BACK) return false;
  return sendable.reduce((sum, attempt) => sum + attempt.waiting, 0) < requests;
}
