import type { Batch } from '../batch/batch.ts';
import type { StoredFile } from '../batch/file.ts';
import { recordKeys } from '../keys.ts';
import type { Records } from '../ports.ts';
import { unpin } from '../protocol/intake.ts';
import { fail } from '../protocol/lifecycle.ts';
import type { RecordKey } from '../records.ts';
import type { ErrorLists } from './error-lists.ts';

/**
 * Ends a Batch as `failed`, with the File of all errors where there is one, and unpins its input, in one
 * transaction. `refused`: the Batch is closing by now, and its end is the closer's.
 */
export async function failIntake(
  records: Records,
  batch: Batch,
  { lists, nowMs }: { readonly lists: ErrorLists; readonly nowMs: number },
): Promise<'failed' | 'refused'> {
  const { tenant, id: batchId } = batch;
  const { errorsKey, file } = lists;
  const keys = [
    recordKeys.batch(tenant, batchId),
    recordKeys.file(tenant, batch.inputFileId),
    ...(file === null ? [] : [recordKeys.file(tenant, file.id)]),
  ] as RecordKey<unknown>[];
  return records.changeAll(keys, ([current, input]) => {
    const ended = fail((current ?? null) as Batch | null, { errorsKey, nowMs });
    if (ended.kind !== 'put') return { writes: [], result: ended.result };
    const unpinned = unpin((input ?? null) as StoredFile | null, batchId);
    const errorFile: StoredFile | undefined = file === null ? undefined : errorFileOf(batch, file, nowMs);
    const writes = [ended.record, unpinned.kind === 'put' ? unpinned.record : undefined, errorFile];
    return { writes: writes.slice(0, keys.length), result: ended.result };
  });
}

const errorFileOf = (
  { tenant }: Batch,
  file: NonNullable<ErrorLists['file']>,
  createdAtMs: number,
): StoredFile => ({ ...file, tenant, purpose: 'batch_output', createdAtMs, pinnedBy: [] });
