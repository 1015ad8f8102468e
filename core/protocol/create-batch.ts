import type { Batch } from '../batch/batch.ts';
import type { StoredFile } from '../batch/file.ts';
import { isLive } from '../batch/file-life.ts';
import { recordKeys } from '../keys.ts';
import type { Records } from '../ports.ts';
import type { RecordKey } from '../records.ts';
import { pin } from './intake.ts';

/**
 * Puts the Batch record, its open-index item and the File's pin in one transaction; where the Batch is there
 * already, answers it. The File may be missing: then intake says so. `inputEtag` is taken from the pinned File.
 * Start the lifecycle afterwards (start-execution.ts).
 */
export async function createBatch(records: Records, batch: Batch): Promise<Batch> {
  const keys = [
    recordKeys.batch(batch.tenant, batch.id),
    recordKeys.file(batch.tenant, batch.inputFileId),
    recordKeys.openBatch(batch.tenant, batch.id),
  ] as RecordKey<unknown>[];
  return records.changeAll(keys, ([current, currentFile]) => {
    if (current !== null && current !== undefined) return { writes: [], result: current as Batch };
    const stored = (currentFile ?? null) as StoredFile | null;
    const file = stored !== null && isLive(stored, batch.createdAtMs) ? stored : null;
    const created: Batch = { ...batch, inputEtag: file?.etag ?? null };
    const pinned = pin(file, batch.id);
    const open = { tenant: batch.tenant, batchId: batch.id };
    return {
      writes: [created, pinned.kind === 'put' ? pinned.record : undefined, open],
      result: created,
    };
  });
}
