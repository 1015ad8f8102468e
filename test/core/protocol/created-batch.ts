import type { StoredFile } from '../../../core/batch/file.ts';
import type { IntakePlan } from '../../../core/batch/plans.ts';
import type { FileId } from '../../../core/ids.ts';
import { recordKeys } from '../../../core/keys.ts';
import { createBatch } from '../../../core/protocol/create-batch.ts';
import { put } from '../../../core/records.ts';
import { manualClock } from '../../fakes/clock.ts';
import { memoryExecutions } from '../../fakes/executions.ts';
import { memoryObjects } from '../../fakes/objects.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { BATCH, batchOf, FLEET, SHARD_ID, TENANT } from './samples.ts';

export const REF = { tenant: TENANT, batchId: BATCH };
export const ROUNDS = { longMs: 3_600_000, mediumMs: 300_000 };
export const FILE: StoredFile = {
  tenant: TENANT,
  id: 'file-1' as FileId,
  sizeBytes: 1,
  etag: '"pinned"',
  filename: 'in.jsonl',
  purpose: 'batch',
  createdAtMs: 0,
  pinnedBy: [],
};
export const planOf = (intakeAttempt: string): IntakePlan => ({
  intakeAttempt,
  model: 'm',
  fleetId: FLEET,
  endpoint: '/v1/chat/completions',
  lines: 4,
  idDigest: 'd',
  shards: [{ number: 0, objectKey: `${intakeAttempt}/0`, lines: 4, estimatedTokens: 9 }],
});

/** A Batch as `create` leaves it, with its File, over stores in memory. */
export async function createdBatch() {
  const ids = ['file-out', 'file-err'];
  const ports = {
    records: memoryRecords(),
    objects: memoryObjects(),
    executions: memoryExecutions(),
    clock: manualClock(0),
    newFileId: () => (ids.shift() ?? 'file-more') as FileId,
  };
  await ports.records.change(recordKeys.file(TENANT, FILE.id), () => put(FILE, undefined));
  await createBatch(ports.records, batchOf({ generation: 0 }));
  const batch = () => ports.records.peek(recordKeys.batch(TENANT, BATCH));
  const file = () => ports.records.peek(recordKeys.file(TENANT, FILE.id));
  const shard = () => ports.records.peek(recordKeys.shard(SHARD_ID));
  return { ports, batch, file, shard };
}

/** For a record that a test has written. */
export function never(): never {
  throw new Error('There is no such record.');
}
