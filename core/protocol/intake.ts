import type { StoredFile } from '../batch/file.ts';
import type { IntakePlan } from '../batch/plans.ts';
import type { BatchId, FleetId } from '../ids.ts';
import { objectKeys, recordKeys } from '../keys.ts';
import type { Objects, Records } from '../ports.ts';
import { type Change, keep, put } from '../records.ts';
import { type BatchRef, recordIntake } from './lifecycle.ts';

/** Keeps the File from deletion and expiry while the Batch has to read it. */
export function pin(file: StoredFile | null, batchId: BatchId): Change<StoredFile, 'pinned' | 'gone'> {
  if (file === null) return keep('gone');
  if (file.pinnedBy.includes(batchId)) return keep('pinned');
  return put({ ...file, pinnedBy: [...file.pinnedBy, batchId] }, 'pinned');
}

export function unpin(file: StoredFile | null, batchId: BatchId): Change<StoredFile, 'unpinned'> {
  if (file === null || !file.pinnedBy.includes(batchId)) return keep('unpinned');
  return put({ ...file, pinnedBy: file.pinnedBy.filter((id) => id !== batchId) }, 'unpinned');
}

/** The intake plan that stands, or null. */
export async function readIntakePlan(objects: Objects, batch: BatchRef): Promise<IntakePlan | null> {
  const body = await objects.get(objectKeys.intakePlan(batch.tenant, batch.batchId));
  return body === null ? null : (JSON.parse(Buffer.from(body).toString()) as IntakePlan);
}

/**
 * Puts an intake plan where none is and answers the one that stands: the first plan wins, so two cuts never mix.
 * All its Shard objects must be stored before.
 */
export async function putIntakePlan(
  objects: Objects,
  batch: BatchRef,
  plan: IntakePlan,
): Promise<IntakePlan> {
  const key = objectKeys.intakePlan(batch.tenant, batch.batchId);
  await objects.putOnce(key, Buffer.from(JSON.stringify(plan)), 'application/json');
  const standing = await readIntakePlan(objects, batch);
  if (standing === null) throw new Error(`The intake plan of ${batch.batchId} is gone right after its put.`);
  return standing;
}

/** A plan of no Shards: what a closer puts where intake has not ended, so that a late intake changes nothing. */
export const voidIntakePlan = (endpoint: string): IntakePlan => ({
  intakeAttempt: 'none',
  model: '',
  fleetId: '' as FleetId,
  endpoint,
  lines: 0,
  idDigest: '',
  shards: [],
});

/** The end of a good intake: the plan first, then the Batch record, then the File's pin. May run twice. */
export async function endIntake(
  { records, objects }: { readonly records: Records; readonly objects: Objects },
  batch: BatchRef & { readonly inputFileId: StoredFile['id'] },
  plan: IntakePlan,
): Promise<IntakePlan> {
  const intake = await putIntakePlan(objects, batch, plan);
  const key = objectKeys.intakePlan(batch.tenant, batch.batchId);
  await records.change(recordKeys.batch(batch.tenant, batch.batchId), (current) =>
    recordIntake(current, { key, intake }),
  );
  await records.change(recordKeys.file(batch.tenant, batch.inputFileId), (file) =>
    unpin(file, batch.batchId),
  );
  return intake;
}
