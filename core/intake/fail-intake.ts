import type { Batch } from '../batch/batch.ts';
import type { StoredFile } from '../batch/file.ts';
import { fileExpiry } from '../batch/file-life.ts';
import { recordKeys } from '../keys.ts';
import type { Records } from '../ports.ts';
import { unpin } from '../protocol/intake.ts';
import { fail } from '../protocol/lifecycle.ts';
import type { RecordKey } from '../records.ts';
import type { FileRetention } from '../retention/retention.ts';
import type { ErrorLists } from './error-lists.ts';

export interface FailedIntake {
  readonly lists: ErrorLists;
  readonly nowMs: number;
  readonly retention: FileRetention;
}

/**
 * Ends a Batch as `failed`, with the File of all errors where there is one, and unpins its input, in one
 * transaction. `refused`: the Batch is closing by now, and its end is the closer's.
 */
export async function failIntake(
  records: Records,
  batch: Batch,
  { lists, nowMs, retention }: FailedIntake,
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
    const errorFile: StoredFile | undefined =
      file === null ? undefined : errorFileOf(batch, file, { nowMs, retention });
    const writes = [ended.record, unpinned.kind === 'put' ? unpinned.record : undefined, errorFile];
    return { writes: writes.slice(0, keys.length), result: ended.result };
  });
}

const errorFileOf = (
  { tenant, outputExpiresAfterSeconds: lifeSeconds }: Batch,
  file: NonNullable<ErrorLists['file']>,
  { nowMs, retention }: Pick<FailedIntake, 'nowMs' | 'retention'>,
): StoredFile => ({
  ...file,
  tenant,
  purpose: 'batch_output',
  createdAtMs: nowMs,
  ...fileExpiry('batch_output', { nowMs, lifeSeconds, retention }),
  pinnedBy: [],
});
