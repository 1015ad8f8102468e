import { createKey } from '../../../cli/create-key.ts';
import { type TenantsDeps, tenantsProgram } from '../../../cli/tenants-program.ts';
import type { Batch } from '../../../core/batch/batch.ts';
import type { StoredFile, Upload } from '../../../core/batch/file.ts';
import type { BatchId, FileId, FleetId, TenantId, UploadId } from '../../../core/ids.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import { newShard } from '../../../core/protocol/shard.ts';
import { put, type RecordKey } from '../../../core/records.ts';
import { batchOf } from '../../core/protocol/samples.ts';
import { manualClock } from '../../fakes/clock.ts';
import { memoryExecutions } from '../../fakes/executions.ts';
import { memoryVersions } from '../../fakes/object-versions.ts';
import { memoryPrinter } from '../../fakes/printer.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { memoryTable } from '../../fakes/whole-table.ts';

export const ACME = 'acme' as TenantId;
/** Begins as the other's id does. */
export const NEIGHBOUR = 'acme-2' as TenantId;
export const FLEET = 'small' as FleetId;

export function worldOf() {
  const clock = manualClock();
  const records = memoryRecords();
  const versions = memoryVersions(clock);
  const executions = memoryExecutions();
  const table = memoryTable(records);
  return { clock, records, versions, executions, table };
}
export type World = ReturnType<typeof worldOf>;

export const set = <T>({ records }: World, key: RecordKey<T>, record: T): Promise<void> =>
  records.change(key, () => put(record, undefined));

/** Some of everything that a tenant can have. */
export async function settle(world: World, tenant: TenantId, batch: Partial<Batch> = {}): Promise<BatchId> {
  const { clock, versions, records } = world;
  const [id, fileId] = [`batch_of_${tenant}` as BatchId, `file-of-${tenant}` as FileId];
  const [shard, uploadId] = [{ tenant, batchId: id, number: 0 }, 'upload_1' as UploadId];
  await createKey(records, { tenant, name: 'ci', nowMs: clock.nowMs() });
  await set(world, recordKeys.batch(tenant, id), batchOf({ tenant, id, waiter: 'token', ...batch }));
  const cut = { objectKey: 'o', endpoint: '', model: 'm', lines: 1, estimatedTokens: 1 };
  await set(world, recordKeys.shard(shard), newShard(shard, cut));
  await set(world, recordKeys.file(tenant, fileId), { tenant, id: fileId } as StoredFile);
  const expiresAtMs = clock.nowMs() - 1;
  await set(world, recordKeys.upload(tenant, uploadId), { tenant, id: uploadId, expiresAtMs } as Upload);
  const idempotency = { batchId: id, fingerprint: 'f', forgetAtMs: 1 };
  await set(world, recordKeys.idempotency(tenant, 'sha'), idempotency);
  for (const key of [objectKeys.file(tenant, fileId), objectKeys.segment(shard, { fence: 1, number: 1 })]) {
    versions.put(key);
    versions.put(key);
    versions.markDeleted(key);
  }
  versions.put(objectKeys.uploadPart(tenant, uploadId, 'part_1'));
  versions.begin(objectKeys.file(tenant, 'file-big' as FileId));
  return id;
}

export async function open(world: World, tenant: TenantId): Promise<void> {
  const batchId = `batch_of_${tenant}` as BatchId;
  await set(world, recordKeys.openBatch(tenant, batchId), { tenant, batchId });
  await set(world, recordKeys.fleetBatch(FLEET, tenant, batchId), { tenant, batchId, fleetId: FLEET });
}

export function program(world: World, over: Partial<TenantsDeps> = {}) {
  const { printed, ...printer } = memoryPrinter();
  const run = tenantsProgram({
    open: () => world,
    stackOutput: async (stack, output) => `${stack}-${output}`,
    defaults: {},
    clock: world.clock,
    pause: async (ms) => world.clock.advance(ms),
    ...printer,
    ...over,
  });
  return { printed, run: (...args: readonly string[]) => run(['delete', ...args]) };
}

/** Whatever names the tenant, or lies below its keys, in table and bucket. */
export function tracesOf({ records, versions }: World, tenant: string): readonly string[] {
  const named = new RegExp(`(?<![\\w-])${tenant}(?![\\w-])|_of_${tenant}(?![\\w-])`);
  const all = [...records.all(), ...versions.all(), ...versions.uploads()];
  return all.map((one) => JSON.stringify(one)).filter((text) => named.test(text));
}

export const everything = ({ records, versions }: World) => ({
  records: records.all().map(({ pk, sk, record }) => ({ pk, sk, record })),
  versions: versions.all(),
  uploads: versions.uploads(),
});

/** Two tenants, and a Fleet whose last plan saw a Batch of each. */
export async function twoTenants(): Promise<World> {
  const world = worldOf();
  for (const tenant of [ACME, NEIGHBOUR]) await settle(world, tenant);
  const order = ['batch_of_acme', 'batch_of_acme-2'];
  await set(world, recordKeys.fleetSummary(FLEET), { fleetId: FLEET, order } as never);
  return world;
}

export async function neighbourAlone(): Promise<World> {
  const world = worldOf();
  await settle(world, NEIGHBOUR);
  const order = ['batch_of_acme-2'];
  await set(world, recordKeys.fleetSummary(FLEET), { fleetId: FLEET, order } as never);
  return world;
}

export const withoutVersionIds = (world: World) =>
  JSON.parse(JSON.stringify(everything(world)), (name, value) =>
    name === 'versionId' || name === 'uploadId' ? undefined : value,
  ) as unknown;
/** API keys are random. */
export const withoutKeys = (world: World) =>
  JSON.stringify(withoutVersionIds(world)).replaceAll(/KEY#[0-9a-f]{64}/g, 'KEY');
