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

/** Notes how far a round is, and answers whether it stands. Of two that walk it at once the one that is farther counts. */
export function advanceRound(
  round: CleanUpRound | null,
  walked: CleanUpRound,
): Change<CleanUpRound, boolean> {
  if (round === null || !stands(round, walked)) return keep(false);
  const isBehind = round.afterKey === null || (walked.afterKey !== null && walked.afterKey <= round.afterKey);
  return isBehind ? keep(true) : put(walked, true);
}

/**
 * Whether the latest round is still this one, ended or not. Where it is not, the table was emptied since: that an
 * object's record is missing says nothing any more.
 */
export const stands = (latest: CleanUpRound | null, { startedAtMs }: CleanUpRound): boolean =>
  latest?.startedAtMs === startedAtMs;
