import { type Change, keep, put } from '../records.ts';
import { DAY_MS } from './retention.ts';

/** One walk of the clean-up through all objects; the record of the latest. */
export interface CleanUpRound {
  readonly startedAtMs: number;
  /** Objects behind this key are still to be looked at; null: the round has ended. */
  readonly afterKey: string | null;
}

export const ROUND_EVERY_MS = DAY_MS;

/**
 * The round to go on with; null: none is due. The first one of a table starts a day after the first call: a table
 * that was lost, or that is being imported, does not know whose the objects are.
 */
export function dueRound(
  round: CleanUpRound | null,
  nowMs: number,
): Change<CleanUpRound, CleanUpRound | null> {
  if (round === null) return put({ startedAtMs: nowMs, afterKey: null }, null);
  if (round.afterKey !== null) return keep(round);
  if (nowMs < round.startedAtMs + ROUND_EVERY_MS) return keep(null);
  const next = { startedAtMs: nowMs, afterKey: '' };
  return put(next, next);
}

/** Notes how far a round is. Of two that walk it at once the one that is farther counts. */
export function advanceRound(
  round: CleanUpRound | null,
  walked: CleanUpRound,
): Change<CleanUpRound, undefined> {
  const isOther = round === null || round.startedAtMs !== walked.startedAtMs || round.afterKey === null;
  if (isOther) return keep(undefined);
  const isBehind = walked.afterKey !== null && walked.afterKey <= round.afterKey;
  return isBehind ? keep(undefined) : put(walked, undefined);
}
