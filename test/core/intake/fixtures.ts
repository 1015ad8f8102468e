import type { Batch } from '../../../core/batch/batch.ts';
import type { StoredFile } from '../../../core/batch/file.ts';
import type { Fleet } from '../../../core/fleet/catalogue.ts';
import type { BatchId, FileId, TenantId } from '../../../core/ids.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import { sampleFleet } from '../../fakes/fleet.ts';
import type { MemoryObjects } from '../../fakes/objects.ts';
import type { MemoryRecords } from '../../fakes/records.ts';
import { batchOf as sampleBatch } from '../protocol/samples.ts';

export const TENANT = 'acme' as TenantId;
export const BATCH_ID = 'batch_1' as BatchId;
export const FILE_ID = 'file-1' as FileId;
export const REF = { tenant: TENANT, batchId: BATCH_ID };
export const CHAT = '/v1/chat/completions';

export const fleetOf = (over: Partial<Record<keyof Fleet, unknown>> = {}): Fleet =>
  sampleFleet({
    ...{ id: 'small', model: 'small-1', endpoints: [CHAT, '/v1/completions'] },
    shard: { targetMs: 1000, maxLines: 4 },
    ...over,
  });

export const FLEETS = [
  fleetOf({ adapters: [{ id: 'small-formal', source: 'folder', path: '/adapters/formal' }] }),
  fleetOf({ id: 'embed', model: 'embed-1', endpoints: ['/v1/embeddings'] }),
  fleetOf({ id: 'rank', model: 'rank-1', endpoints: ['/v1/score', '/v1/rerank'] }),
];

/** A good input line, with `over` on top; undefined fields fall away. */
export const lineOf = (customId: unknown, body: object = {}, over: object = {}): string =>
  JSON.stringify({
    custom_id: customId,
    method: 'POST',
    url: CHAT,
    body: { model: 'small-1', messages: [{ role: 'user', content: 'Hello' }], ...body },
    ...over,
  });

export const batchOf = (over: Partial<Batch> = {}): Batch =>
  sampleBatch({
    ...{ tenant: TENANT, inputFileId: FILE_ID, inputEtag: null },
    ...{ createdAtMs: 1_000, deadlineMs: 86_401_000 },
    ...over,
  });

/** A Batch in `validating` with its input uploaded, pinned and in the open index. */
export async function submit(
  { records, objects }: { readonly records: MemoryRecords; readonly objects: MemoryObjects },
  input: string | Uint8Array,
  over: Partial<Batch> = {},
): Promise<Batch> {
  const key = objectKeys.file(TENANT, FILE_ID);
  objects.put(key, Buffer.from(input));
  const etag = (await objects.head(key))?.etag ?? '';
  const batch = batchOf({ inputEtag: etag, ...over });
  const file: StoredFile = {
    ...{ tenant: TENANT, id: FILE_ID, sizeBytes: input.length, etag, filename: 'in.jsonl' },
    ...{ purpose: 'batch', createdAtMs: 0, pinnedBy: [BATCH_ID] },
  };
  const put = <T>(record: T) => ({ kind: 'put', record, result: undefined }) as const;
  await records.change(recordKeys.file(TENANT, FILE_ID), () => put(file));
  await records.change(recordKeys.batch(TENANT, BATCH_ID), () => put(batch));
  await records.change(recordKeys.openBatch(TENANT, BATCH_ID), () => put(REF));
  return batch;
}
