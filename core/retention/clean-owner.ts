import type { StoredFile } from '../batch/file.ts';
import { isLive } from '../batch/file-life.ts';
import type { TenantId } from '../ids.ts';
import { recordKeys } from '../keys.ts';
import type { Clock, Objects, Records } from '../ports.ts';
import { mapSome } from '../protocol/each.ts';
import { type Change, keep, remove } from '../records.ts';
import { type BatchFacts, batchFate, endOf, type Fate, fileFate, runFate, uploadFate } from './fate.ts';
import type { Owner } from './owner.ts';
import type { StoredObject } from './ports.ts';
import type { Retention } from './retention.ts';

export interface CleanOwnerPorts {
  readonly records: Records;
  readonly objects: Pick<Objects, 'remove'>;
  readonly clock: Clock;
  readonly retention: Pick<Retention, 'batchDays'>;
  /** When the oldest open Batch of a tenant was created; of tenants that have one. */
  readonly oldestOpen: ReadonlyMap<TenantId, number>;
}

/**
 * Deletes those of an owner's objects that have outlived it, and answers how many. Records go before their objects:
 * nobody can take up a File whose bytes are going, and what is left halfway is an orphan of the next round.
 */
export async function cleanOwner(
  ports: CleanOwnerPorts,
  owner: Owner,
  owned: readonly StoredObject[],
): Promise<number> {
  const fate = await fateOf(ports, owner);
  if (fate.kind === 'forget' && !(await forgetRecords(ports, owner))) return 0;
  const keys = owned.filter((object) => isLost(object, fate)).map(({ key }) => key);
  if (keys.length > 0) await ports.objects.remove(keys);
  return keys.length;
}

function isLost({ storedAtMs }: StoredObject, fate: Fate): boolean {
  return fate.kind === 'orphaned' ? storedAtMs < fate.storedBeforeMs : fate.kind === 'forget';
}

async function fateOf(ports: CleanOwnerPorts, owner: Owner): Promise<Fate> {
  const { records, clock, retention, oldestOpen } = ports;
  const nowMs = clock.nowMs();
  switch (owner.kind) {
    case 'file': {
      const oldestOpenBatchAtMs = oldestOpen.get(owner.tenant) ?? Number.POSITIVE_INFINITY;
      const file = await records.read(recordKeys.file(owner.tenant, owner.id));
      return fileFate(file, { nowMs, oldestOpenBatchAtMs });
    }
    case 'batch':
      return batchFate(await batchFacts(ports, owner), retention.batchDays);
    case 'run':
      return runFate(await batchFacts(ports, owner));
    case 'upload':
      return uploadFate(nowMs);
    default:
      return owner satisfies never;
  }
}

async function batchFacts(
  { records, clock }: CleanOwnerPorts,
  { tenant, id }: Extract<Owner, { kind: 'batch' | 'run' }>,
): Promise<BatchFacts> {
  const batch = await records.read(recordKeys.batch(tenant, id));
  const told = (await records.read(recordKeys.openBatch(tenant, id))) === null;
  return { batch, told, nowMs: clock.nowMs() };
}

/** False: the record has changed since, and its objects stay. */
async function forgetRecords({ records, clock }: CleanOwnerPorts, owner: Owner): Promise<boolean> {
  const { tenant } = owner;
  if (owner.kind === 'file') {
    return records.change(recordKeys.file(tenant, owner.id), (file) => expireFile(file, clock.nowMs()));
  }
  if (owner.kind !== 'batch') return true;
  // The Batch last: as long as it is there, its Shards are found.
  const shards = await records.query(recordKeys.shards(tenant, owner.id));
  await mapSome(shards, (shard) => records.change(recordKeys.shard(shard), () => remove(undefined)));
  return records.change(recordKeys.batch(tenant, owner.id), (batch) =>
    batch !== null && endOf(batch) === null ? keep(false) : remove(true),
  );
}

/** A File that was pinned since stays. */
function expireFile(file: StoredFile | null, nowMs: number): Change<StoredFile, boolean> {
  return file !== null && isLive(file, nowMs) ? keep(false) : remove(true);
}
