import { backOffMs } from './back-off.ts';

/** How long an Attempt sends nothing because its server is busy. */
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
