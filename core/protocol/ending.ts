import type { Batch, BatchPhase, CloseReason } from '../batch/batch.ts';
import { type Change, keep, put } from '../records.ts';

/** Asks for the end. The lifecycle, which must be woken, closes; where it closes already, that goes on. */
export function cancel(batch: Batch | null, nowMs: number): Change<Batch, 'closing' | 'over' | 'gone'> {
  if (batch === null) return keep('gone');
  if (batch.phase.kind === 'over') return keep('over');
  if (batch.phase.kind === 'closing') return keep('closing');
  const times = { ...batch.times, cancellingAtMs: nowMs };
  return put({ ...batch, phase: { kind: 'closing', as: 'cancelled' }, times }, 'closing');
}

export type CloseResult =
  | { readonly kind: 'closing'; readonly as: CloseReason; readonly batch: Batch }
  /** Open lines and time left: the Deadline was moved since it was read. */
  | { readonly kind: 'not-yet' }
  | { readonly kind: 'over' };

/**
 * Begins to close, or finds that it has begun. Nothing open is settled, whatever woke the lifecycle, the Deadline
 * among it; expiry holds only for the Deadline that was seen, so that an extension wins.
 */
export function close(
  batch: Batch | null,
  facts: { readonly settled: boolean; readonly deadlineSeenMs: number; readonly nowMs: number },
): Change<Batch, CloseResult> {
  if (batch === null || batch.phase.kind === 'over') return keep({ kind: 'over' });
  if (batch.phase.kind === 'closing') return keep({ kind: 'closing', as: batch.phase.as, batch });
  const expired = batch.deadlineMs === facts.deadlineSeenMs && facts.nowMs >= batch.deadlineMs;
  if (!facts.settled && !expired) return keep({ kind: 'not-yet' });
  const as = facts.settled ? 'completed' : 'expired';
  const times = { ...batch.times, finalizingAtMs: facts.nowMs };
  const closing: Batch = { ...batch, phase: { kind: 'closing', as }, times };
  return put(closing, { kind: 'closing', as, batch: closing });
}

/** How the close plan ends the Batch: `completed` only if it holds every line, and never once cancelled. */
export function outcomeOf(as: CloseReason, holdsEveryLine: boolean): CloseReason {
  if (as === 'cancelled') return 'cancelled';
  return holdsEveryLine ? 'completed' : 'expired';
}

export type Outcome = Extract<BatchPhase, { kind: 'over'; as: CloseReason }>;

const endedAt = (as: CloseReason, atMs: number) =>
  as === 'completed'
    ? { completedAtMs: atMs }
    : as === 'expired'
      ? { expiredAtMs: atMs }
      : { cancelledAtMs: atMs };

/**
 * The one outcome. `finished` also where our own outcome stands already; `refused` where another does, or where
 * the Batch was never closing. Belongs into one transaction with the File records.
 */
export function finish(
  batch: Batch | null,
  end: { readonly outcome: Outcome; readonly nowMs: number },
): Change<Batch, 'finished' | 'refused'> {
  if (batch === null) return keep('refused');
  const { phase } = batch;
  if (phase.kind === 'over') return keep(isSame(phase, end.outcome) ? 'finished' : 'refused');
  if (phase.kind !== 'closing') return keep('refused');
  if ((phase.as === 'cancelled') !== (end.outcome.as === 'cancelled')) return keep('refused');
  const times = { ...batch.times, ...endedAt(end.outcome.as, end.nowMs) };
  return put({ ...batch, phase: end.outcome, times, waiter: null }, 'finished');
}

/** Totals follow from the close plan, as the files do, so that the names tell the outcome. */
function isSame(phase: Extract<BatchPhase, { kind: 'over' }>, outcome: Outcome): boolean {
  return (
    phase.as !== 'failed' &&
    phase.as === outcome.as &&
    phase.outputFileId === outcome.outputFileId &&
    phase.errorFileId === outcome.errorFileId &&
    phase.manifestKey === outcome.manifestKey
  );
}
