import type { BatchId } from '../ids.ts';
import { type Change, keep, remove } from '../records.ts';
import type { FilePurpose, StoredFile } from './file.ts';

/** As at OpenAI: what is for a Batch expires after 30 days, all else never. */
const BATCH_FILE_SECONDS = 30 * 24 * 3600;

/** When a File made now expires; `lifeSeconds` as the client asked. */
export function fileExpiry(
  purpose: FilePurpose,
  nowMs: number,
  lifeSeconds: number | undefined,
): { readonly expiresAtMs?: number } {
  const seconds = lifeSeconds ?? (purpose === 'batch' ? BATCH_FILE_SECONDS : undefined);
  return seconds === undefined ? {} : { expiresAtMs: nowMs + seconds * 1000 };
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
