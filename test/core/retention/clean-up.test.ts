import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch, BatchPhase, BatchTimes } from '../../../core/batch/batch.ts';
import type { StoredFile } from '../../../core/batch/file.ts';
import type { BatchId, FileId, TenantId, UploadId } from '../../../core/ids.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import { createBatch } from '../../../core/protocol/create-batch.ts';
import { newShard } from '../../../core/protocol/shard.ts';
import { put } from '../../../core/records.ts';
import { cleanUp } from '../../../core/retention/clean-up.ts';
import { DAY_MS } from '../../../core/retention/retention.ts';
import { manualClock } from '../../fakes/clock.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { RETENTION } from '../../fakes/retention.ts';
import { agedObjects } from '../../fakes/stored-objects.ts';
import { batchOf } from '../protocol/samples.ts';

const TENANT = 'acme' as TenantId;
const START_MS = 2_000 * DAY_MS;

type World = ReturnType<typeof worldOf>;

function worldOf(pageSize = 3) {
  const clock = manualClock(START_MS);
  const { objects, stored, put: store } = agedObjects(clock, pageSize);
  const records = memoryRecords();
  const ports = { records, objects, stored, clock, retention: RETENTION };
  return { ports, records, objects, store, clock };
}

async function addFile(world: World, name: string, over: Partial<StoredFile> = {}): Promise<string> {
  const id = `file-${name}` as FileId;
  const file: StoredFile = {
    ...{ tenant: TENANT, id, sizeBytes: 1, etag: '"e"', filename: 'f', purpose: 'batch' },
    createdAtMs: world.clock.nowMs(),
    pinnedBy: [],
    ...over,
  };
  const key = objectKeys.file(TENANT, id);
  world.store(key);
  await world.records.change(recordKeys.file(TENANT, id), () => put(file, undefined));
  return key;
}

const shardOf = (batchId: BatchId) => ({ tenant: TENANT, batchId, number: 0 });

/** A Batch with a Shard, its plans and, as if an agent had been late, its run's objects. */
async function addBatch(world: World, name: string, over: Partial<Batch>, open: boolean) {
  const { records, store, clock } = world;
  const id = `batch_${name}` as BatchId;
  const shard = shardOf(id);
  const kept = [objectKeys.intakePlan(TENANT, id), objectKeys.closePlan(TENANT, id)];
  const run = [objectKeys.shard(shard, 'try'), objectKeys.segment(shard, { fence: 1, number: 1 })];
  for (const key of [...kept, ...run]) store(key);
  const batch = batchOf({ tenant: TENANT, id, createdAtMs: clock.nowMs(), ...over });
  await records.change(recordKeys.batch(TENANT, id), () => put(batch, undefined));
  const cut = { objectKey: run[0] ?? '', endpoint: '', model: 'm', lines: 1, estimatedTokens: 1 };
  await records.change(recordKeys.shard(shard), () => put(newShard(shard, cut), undefined));
  const item = { tenant: TENANT, batchId: id };
  if (open) await records.change(recordKeys.openBatch(TENANT, id), () => put(item, undefined));
  return { id, kept, run };
}

const ended = (atMs: number): Partial<Batch> => ({
  phase: { kind: 'over', as: 'completed' } as BatchPhase,
  times: { completedAtMs: atMs } as BatchTimes,
});

/** Sweeps until a whole round has begun and ended. */
async function round(world: World): Promise<void> {
  world.clock.advance(DAY_MS);
  await cleanUp(world.ports);
  while (world.records.peek(recordKeys.cleanUp())?.afterKey !== null) await cleanUp(world.ports);
}

/** The first call of a table only notes it. */
async function seen(world: World): Promise<World> {
  await cleanUp(world.ports);
  return world;
}

describe('cleanUp', () => {
  it('deletes an expired File, record and object, and keeps one that a Batch has to read', async () => {
    const world = await seen(worldOf());
    const soon = { expiresAtMs: START_MS + 1 };
    const expired = await addFile(world, 'a', soon);
    const pinned = await addFile(world, 'b', { ...soon, pinnedBy: ['batch_1' as BatchId] });
    const live = await addFile(world, 'c', { expiresAtMs: START_MS + 9 * DAY_MS });
    await round(world);
    expect(world.objects.keys()).toEqual([live, pinned].sort());
    expect(world.records.peek(recordKeys.file(TENANT, 'file-a' as FileId))).toBeNull();
    expect(world.objects.peek(expired)).toBeNull();
  });

  it('keeps a File that a Batch takes for its input just before its record would go', async () => {
    const world = await seen(worldOf());
    const key = await addFile(world, 'a', { expiresAtMs: START_MS + DAY_MS });
    const batch = batchOf({ tenant: TENANT, inputFileId: 'file-a' as FileId, createdAtMs: START_MS });
    const { read } = world.records;
    const records = {
      ...world.records,
      read: async <T>(of: Parameters<typeof read<T>>[0]) => {
        const found = await read(of);
        if (of.sk === 'FILE#file-a') await createBatch(world.records, batch);
        return found;
      },
    };
    world.clock.advance(DAY_MS);
    await cleanUp({ ...world.ports, records });
    expect(world.objects.peek(key)).not.toBeNull();
    expect(world.records.peek(recordKeys.file(TENANT, 'file-a' as FileId))?.pinnedBy).toEqual([batch.id]);
  });

  it('forgets a Batch that has been over for its time, with its Shards, and no other', async () => {
    const world = await seen(worldOf());
    const old = await addBatch(world, 'a', ended(START_MS - RETENTION.batchDays * DAY_MS), false);
    const young = await addBatch(world, 'b', ended(START_MS), false);
    const untold = await addBatch(world, 'c', ended(START_MS - 99 * DAY_MS), true);
    const open = await addBatch(world, 'd', {}, true);
    for (let i = 0; i < 3; i++) await round(world);
    expect(world.objects.keys()).toEqual(
      [...young.kept, ...untold.kept, ...untold.run, ...open.kept, ...open.run].sort(),
    );
    expect(world.records.peek(recordKeys.batch(TENANT, old.id))).toBeNull();
    expect(world.records.peek(recordKeys.shard(shardOf(old.id)))).toBeNull();
    for (const { id } of [young, untold, open]) {
      expect(world.records.peek(recordKeys.shard(shardOf(id)))).not.toBeNull();
    }
  });

  it('deletes what no record names once nobody can be about to name it', async () => {
    const world = await seen(worldOf());
    const upload = objectKeys.uploadPart(TENANT, 'upload_1' as UploadId, 'part_1');
    const stray = objectKeys.file(TENANT, 'file-stray' as FileId);
    for (const key of [upload, stray]) world.store(key);
    world.store('of-somebody-else');
    await round(world);
    expect(world.objects.keys()).toContain(stray);
    await round(world);
    await round(world);
    expect(world.objects.keys()).toEqual(['of-somebody-else']);
  });

  it('keeps the output of a Batch that could not be shown for days', async () => {
    const world = await seen(worldOf());
    await addBatch(world, 'a', { phase: { kind: 'closing', as: 'completed' } }, true);
    const output = objectKeys.file(TENANT, 'file-output' as FileId);
    world.store(output);
    for (let i = 0; i < 20; i++) await round(world);
    expect(world.objects.peek(output)).not.toBeNull();
  });

  it('deletes nothing on the day that a table is new: it may be lost, or on its way', async () => {
    const world = worldOf();
    world.store(objectKeys.file(TENANT, 'file-old' as FileId));
    world.clock.advance(40 * DAY_MS);
    await cleanUp(world.ports);
    world.clock.advance(DAY_MS - 1);
    await cleanUp(world.ports);
    expect(world.objects.keys()).toHaveLength(1);
  });

  it('goes through any number of objects, some at a call', async () => {
    const world = await seen(worldOf(1));
    for (let i = 0; i < 35; i++) await addFile(world, String(i), { expiresAtMs: START_MS + 1 });
    world.clock.advance(DAY_MS);
    const left: number[] = [];
    for (let call = 0; call < 4; call++) {
      await cleanUp(world.ports);
      left.push(world.objects.keys().length);
    }
    expect(left).toEqual([25, 15, 5, 0]);
    expect(world.records.all().map(({ pk }) => pk)).toEqual(['CLEAN-UP']);
  });

  it('lets one object that cannot be deleted keep no other, and says so', async () => {
    const world = await seen(worldOf());
    const soon = { expiresAtMs: START_MS + 1 };
    const [first, second] = [await addFile(world, 'a', soon), await addFile(world, 'b', soon)];
    const remove = async (keys: readonly string[]) => {
      if (keys.includes(first)) throw new Error('SlowDown');
      await world.objects.remove(keys);
    };
    world.clock.advance(DAY_MS);
    await expect(cleanUp({ ...world.ports, objects: { remove } })).rejects.toThrow('1 could not be cleaned');
    expect(world.objects.peek(second)).toBeNull();
    for (let i = 0; i < 3; i++) await round(world);
    expect(world.objects.keys()).toEqual([]);
  });
});

/** Ports that fail from the n-th effect on, each either before or after it was applied. */
function dying({ ports }: World, effects: number, applied: boolean): World['ports'] {
  let left = effects;
  const effect = async <T>(perform: () => Promise<T>): Promise<T> => {
    if (left-- > 0) return perform();
    if (applied && left === -1) await perform();
    throw new Error('died');
  };
  const { records, objects, stored } = ports;
  return {
    ...ports,
    records: {
      ...records,
      read: (key) => effect(() => records.read(key)),
      query: (range, options) => effect(() => records.query(range, options)),
      change: (key, transition) => effect(() => records.change(key, transition)),
    },
    objects: { ...objects, remove: (keys) => effect(() => objects.remove(keys)) },
    stored: { page: (afterKey) => effect(() => stored.page(afterKey)) },
  };
}

const died = fc.record({ effects: fc.nat(60), applied: fc.boolean() });

it('may die after any effect, again and again: what is needed stays, and in the end the rest is gone', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(died, { maxLength: 10 }),
      fc.integer({ min: 1, max: 8 }),
      async (deaths, page) => {
        const world = await seen(worldOf(page));
        const longAgo = ended(START_MS - 70 * DAY_MS);
        await addFile(world, 'expired', { expiresAtMs: START_MS });
        await addBatch(world, 'old', longAgo, false);
        world.store(objectKeys.uploadPart(TENANT, 'upload_1' as UploadId, 'part_1'));
        // Older than the open Batch: what is not may be its output.
        world.clock.advance(3 * DAY_MS);
        const live = await addFile(world, 'live');
        const open = await addBatch(world, 'open', {}, true);
        const young = await addBatch(world, 'young', ended(START_MS), false);
        const needed = [live, ...open.kept, ...open.run, ...young.kept].sort();
        for (const { effects, applied } of deaths) {
          world.clock.advance(DAY_MS / 2);
          await cleanUp(dying(world, effects, applied)).catch(() => undefined);
          expect(world.objects.keys()).toEqual(expect.arrayContaining(needed));
          expect(world.records.peek(recordKeys.batch(TENANT, open.id))).not.toBeNull();
        }
        for (let i = 0; i < 4; i++) await round(world);
        expect(world.objects.keys()).toEqual(needed);
        const left = world.records.all().filter(({ sk }) => /old|expired/.test(sk));
        expect(left).toEqual([]);
        expect(world.records.peek(recordKeys.shard(shardOf('batch_old' as BatchId)))).toBeNull();
      },
    ),
    { numRuns: 300 },
  );
});
