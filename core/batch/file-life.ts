import type { BatchId } from '../ids.ts';
import { type Change, keep, remove } from '../records.ts';
import { DAY_MS, type FileRetention } from '../retention/retention.ts';
import type { FilePurpose, StoredFile } from './file.ts';

export interface FileStart {
  readonly nowMs: number;
  /** As the client asked. */
  readonly lifeSeconds: number | undefined;
  readonly retention: FileRetention;
}

/** When a File made now expires. What is neither input nor output of a Batch does not, unless the client asks. */
export function fileExpiry(
  purpose: FilePurpose,
  { nowMs, lifeSeconds, retention }: FileStart,
): { readonly expiresAtMs?: number } {
  if (lifeSeconds !== undefined) return { expiresAtMs: nowMs + lifeSeconds * 1000 };
  const days = daysOf(purpose, retention);
  return days === null ? {} : { expiresAtMs: nowMs + days * DAY_MS };
}

function daysOf(purpose: FilePurpose, { inputFileDays, outputFileDays }: FileRetention): number | null {
  if (purpose === 'batch') return inputFileDays;
  return purpose === 'batch_output' ? outputFileDays : null;
}

/** A File that clients still see. Expiry waits for the Batches that have to read it. */
export const isLive = ({ expiresAtMs, pinnedBy }: StoredFile, nowMs: number): boolean =>
  expiresAtMs === undefined || nowMs < expiresAtMs || pinnedBy.length > 0;

export type DeleteFileResult =
  | { readonly kind: 'deleted' }
  | { readonly kind: 'pinned'; readonly by: readonly BatchId[] };

/** Removes the record unless a Batch still has to read the File. A record that is gone counts as deleted by us. */
export function deleteFile(file: StoredFile | null): Change<StoredFile, DeleteFileResult> {
  if (file === null) return keep({ kind: 'deleted' });
  if (file.pinnedBy.length > 0) return keep({ kind: 'pinned', by: file.pinnedBy });
  return remove({ kind: 'deleted' });
}
