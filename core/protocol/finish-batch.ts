import type { Batch } from '../batch/batch.ts';
import type { StoredFile } from '../batch/file.ts';
import { recordKeys } from '../keys.ts';
import type { Clock, Records } from '../ports.ts';
import { type RecordKey, remove } from '../records.ts';
import { finish, type Outcome } from './ending.ts';
import { type BatchRef, isOver } from './lifecycle.ts';

/**
 * Shows the outcome: the records of its Files and the Batch's end, all or nothing. `refused`: another outcome
 * stands, or the Batch was never closing; nothing was written.
 */
export async function finishBatch(
  { records, clock }: { readonly records: Records; readonly clock: Clock },
  { tenant, batchId }: BatchRef,
  end: { readonly outcome: Outcome; readonly files: readonly StoredFile[] },
): Promise<'finished' | 'refused'> {
  const { outcome, files } = end;
  const keys = [
    recordKeys.batch(tenant, batchId),
    ...files.map((file) => recordKeys.file(tenant, file.id)),
  ] as RecordKey<unknown>[];
  return records.changeAll(keys, ([batch]) => {
    const change = finish((batch ?? null) as Batch | null, { outcome, nowMs: clock.nowMs() });
    const writes = change.kind === 'put' ? [change.record, ...files] : [];
    return { writes, result: change.result };
  });
}

/** After Tell: the Batch leaves its Fleet and the open index, which ends its lifecycle. May run twice. */
export async function markTold(records: Records, { tenant, batchId }: BatchRef): Promise<void> {
  const batch = await records.read(recordKeys.batch(tenant, batchId));
  if (batch === null || !isOver(batch)) throw new Error(`Batch ${batchId} is not over: nothing to tell yet.`);
  if (batch.plan !== undefined) {
    const key = recordKeys.fleetBatch(batch.plan.fleetId, tenant, batchId);
    await records.change(key, () => remove(undefined));
  }
  await records.change(recordKeys.openBatch(tenant, batchId), () => remove(undefined));
}
