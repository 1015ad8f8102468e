import type { Batch } from '../batch/batch.ts';
import type { StoredFile } from '../batch/file.ts';
import { isLive } from '../batch/file-life.ts';
import { DAY_MS } from './retention.ts';

/**
 * What becomes of the objects of one owner. `forget`: the record first, and then they. `orphaned`: those stored
 * before this instant have lost their owner; younger ones may be ahead of a record that is about to be written.
 */
export type Fate =
  | { readonly kind: 'keep' | 'forget' }
  | { readonly kind: 'orphaned'; readonly storedBeforeMs: number };

const KEEP = { kind: 'keep' } as const;
const FORGET = { kind: 'forget' } as const;

/** No function runs longer than 15 minutes, an Upload and its URLs live for an hour, and clocks differ. */
export const ORPHAN_AGE_MS = 2 * DAY_MS;

const orphaned = (nowMs: number): Fate => ({ kind: 'orphaned', storedBeforeMs: nowMs - ORPHAN_AGE_MS });

/**
 * Of a File's object. One without a record may be the output of a Batch whose end was not shown yet: it is an orphan
 * only if it is older than every open Batch of its tenant.
 */
export function fileFate(
  file: StoredFile | null,
  { nowMs, oldestOpenBatchAtMs }: { readonly nowMs: number; readonly oldestOpenBatchAtMs: number },
): Fate {
  if (file === null) return orphaned(Math.min(nowMs, oldestOpenBatchAtMs));
  return isLive(file, nowMs) ? KEEP : FORGET;
}

/** What is known of a Batch: `told` that its item in the open index is gone. */
export interface BatchFacts {
  readonly batch: Batch | null;
  readonly told: boolean;
  readonly nowMs: number;
}

/** Of a Batch's plans and manifest. */
export function batchFate({ batch, told, nowMs }: BatchFacts, batchDays: number): Fate {
  if (batch === null) return orphaned(nowMs);
  const endedAtMs = told ? endOf(batch) : null;
  return endedAtMs !== null && nowMs >= endedAtMs + batchDays * DAY_MS ? FORGET : KEEP;
}

/** Of Shard objects and Segments: Tell has removed them, so that these came from somebody who was late. */
export function runFate({ batch, told, nowMs }: BatchFacts): Fate {
  return batch === null || (told && endOf(batch) !== null) ? orphaned(nowMs) : KEEP;
}

/** Of parts of an Upload: whatever became of it, it has ended an hour after it began. */
export const uploadFate = (nowMs: number): Fate => orphaned(nowMs);

/** When a Batch has ended; null: it has not. */
export function endOf({ phase, times }: Batch): number | null {
  return phase.kind === 'over' ? (times[`${phase.as}AtMs`] ?? null) : null;
}
