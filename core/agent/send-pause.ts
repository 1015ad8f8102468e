import { backOffMs } from './back-off.ts';

/** How long nothing is sent because the server is busy. */
export interface SendPause {
  /** Pauses in a row, with nothing but busy answers between them. */
  readonly inARow: number;
  /** Monotonic. */
  readonly untilMs: number;
}

export const NO_PAUSE: SendPause = { inARow: 0, untilMs: Number.NEGATIVE_INFINITY };

export interface BusyAnswer {
  /** Monotonic. */
  readonly nowMs: number;
  /** Monotonic: when the Request was sent. */
  readonly sentAtMs: number;
  /** As the server wishes; 0 where it does not say. */
  readonly retryAfterMs: number;
  /** In [0, 1). */
  readonly random: number;
}

/** Longer with each in a row. Requests that were out together say the same thing: only the first of them counts. */
export function pauseAfterBusy(
  pause: SendPause,
  { nowMs, sentAtMs, retryAfterMs, random }: BusyAnswer,
): SendPause {
  if (sentAtMs < pause.untilMs) return pause;
  const inARow = pause.inARow + 1;
  return { inARow, untilMs: nowMs + backOffMs(inARow, random, retryAfterMs) };
}

/** Any other answer to a Request that was sent after the pause shows that the server takes Requests again. */
export const pauseAfterAnswer = (pause: SendPause, sentAtMs: number): SendPause =>
  sentAtMs >= pause.untilMs ? NO_PAUSE : pause;

export interface Crowd {
  /** Requests that are in flight beside the one that was refused. */
  readonly others: number;
  readonly retryAfterMs: number;
  /** The line was refused before. */
  readonly again: boolean;
}

/**
 * A server that works on other Requests is no reason for a pause of all, unless it asks for one; of a line that it
 * refuses again and again it asks in vain.
 */
export const isCrowded = ({ others, retryAfterMs, again }: Crowd): boolean =>
  others > 0 && (retryAfterMs === 0 || again);
