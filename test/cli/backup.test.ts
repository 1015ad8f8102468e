import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { backupProgram } from '../../cli/backup-program.ts';
import type { ClosePlan } from '../../core/batch/plans.ts';
import type { BatchId, FleetId, TenantId } from '../../core/ids.ts';
import { objectKeys, recordKeys } from '../../core/keys.ts';
import { newLoop } from '../../core/protocol/loop.ts';
import { put, type RecordKey } from '../../core/records.ts';
import type { WholeTable } from '../../core/retention/ports.ts';
import { batchOf, leaseOf, SHARD_ID, shardOf, TENANT } from '../core/protocol/samples.ts';
import { manualClock } from '../fakes/clock.ts';
import { memoryVersions } from '../fakes/object-versions.ts';
import { memoryObjects } from '../fakes/objects.ts';
import { memoryPrinter } from '../fakes/printer.ts';
import { type MemoryRecords, memoryRecords } from '../fakes/records.ts';
import { memoryTable } from '../fakes/whole-table.ts';

const FLEET = 'small' as FleetId;
const BATCH_ID = SHARD_ID.batchId;
const BATCH = recordKeys.batch(TENANT, BATCH_ID);
const SHARD = recordKeys.shard(SHARD_ID);

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'slackline-backup-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const unknownTable: WholeTable = {
  // biome-ignore lint/correctness/useYield: it fails before it has any.
  async *scan() {
    throw new Error('Requested resource not found');
  },
  remove: () => Promise.reject(new Error('Requested resource not found')),
  restore: () => Promise.reject(new Error('Requested resource not found')),
};

function rig() {
  const clock = manualClock();
  const [records, other, objects] = [memoryRecords(), memoryRecords(), memoryObjects()];
  const versions = memoryVersions(clock);
  const { printed, ...printer } = memoryPrinter();
  const tables = new Map([
    ['restored', memoryTable(other)],
    ['TableName', memoryTable(records)],
  ]);
  const deps = (table: WholeTable) => ({
    open: () => ({ records, table, objects, versions }),
    openTable: (name: string) => tables.get(name) ?? unknownTable,
    stackOutput: async (_: string, output: string) => output,
    defaults: {},
    ...printer,
  });
  const backup = (...args: readonly string[]) => backupProgram(deps(memoryTable(records)))(args);
  /** With a table that dies after so many calls. */
  const dyingAfter = (calls: number, ...args: readonly string[]) => {
    const table = memoryTable(records);
    let left = calls;
    const live = <T>(perform: () => Promise<T>): Promise<T> =>
      left-- > 0 ? perform() : Promise.reject(new Error('killed'));
    const dying: WholeTable = {
      scan: table.scan,
      remove: (keys) => live(() => table.remove(keys)),
      restore: (items) => live(() => table.restore(items)),
    };
    return backupProgram(deps(dying))(args);
  };
  return { clock, records, other, objects, versions, printed, backup, dyingAfter };
}

const set = <T>(records: MemoryRecords, key: RecordKey<T>, record: T) =>
  records.change(key, () => put(record, undefined));

const contents = (records: MemoryRecords) =>
  new Map(records.all().map(({ pk, sk, record }) => [`${pk} ${sk}`, record]));

/** A Batch in flight, and all that moves it. */
async function inFlight(records: MemoryRecords): Promise<void> {
  const ref = { tenant: TENANT, batchId: BATCH_ID };
  await set(records, BATCH, batchOf({ phase: { kind: 'enrolled' }, waiter: 'token' }));
  await set(records, SHARD, shardOf({ fence: 3, lease: leaseOf(9), countsFinalBelow: 2, reportSeq: 4 }));
  await set(records, recordKeys.openBatch(TENANT, BATCH_ID), ref);
  await set(records, recordKeys.fleetBatch(FLEET, TENANT, BATCH_ID), { ...ref, fleetId: FLEET });
  const loop = { ...newLoop(FLEET), generation: 7, state: 'running', waiter: 'token' } as const;
  await set(records, recordKeys.loop(FLEET), loop);
  await set(records, recordKeys.cleanUp(), { startedAtMs: 1, afterKey: 'tenants/x' });
  await set(records, recordKeys.apiKey('sha'), { tenant: TENANT, name: 'ci', createdAtMs: 1 });
}

describe('backup export and import', () => {
  it('put every record back, and give out no fence, generation or Lease that was', async () => {
    const { records, backup, printed } = rig();
    const file = join(folder(), 'records.jsonl');
    await inFlight(records);
    const before = contents(records);
    expect(await backup('export', '--to', file)).toBe(0);
    expect(printed.out).toBe(`7 records in ${file}.\n`);
    expect(await backup('import', '--from', file, '--replace')).toBe(0);
    const shard = { ...shardOf({ countsFinalBelow: 2, reportSeq: 4 }), fence: 100_003, lease: null };
    const loop = { ...newLoop(FLEET), generation: 100_007, state: 'running', waiter: null };
    before.delete('CLEAN-UP ROUND');
    before.set(`${SHARD.pk} ${SHARD.sk}`, shard).set(`FLEET#${FLEET} LOOP`, loop);
    expect(contents(records)).toEqual(before);
  });

  it('keep what is there, unless told to replace it', async () => {
    const { records, backup, printed } = rig();
    const file = join(folder(), 'records.jsonl');
    await inFlight(records);
    await backup('export', '--to', file);
    await set(records, recordKeys.batch(TENANT, 'batch_2' as BatchId), batchOf());
    const before = contents(records);
    expect(await backup('import', '--from', file)).toBe(1);
    expect(printed.err).toMatch(/Replace all that is there with --replace/);
    expect(contents(records)).toEqual(before);
    expect(await backup('import', '--from', file, '--replace')).toBe(0);
    expect(records.peek(recordKeys.batch(TENANT, 'batch_2' as BatchId))).toBeNull();
  });

  it('take the records of a table that was restored', async () => {
    const { records, other, backup } = rig();
    await inFlight(other);
    expect(await backup('import', '--from-table', 'restored')).toBe(0);
    expect(records.peek(BATCH)).toEqual(other.peek(BATCH));
  });

  it('let a Batch end as its close plan says, where that is newer than the records', async () => {
    const { records, other, objects, backup, printed } = rig();
    await inFlight(other);
    const plan: Partial<ClosePlan> = { as: 'cancelled', atMs: 77 };
    objects.put(objectKeys.closePlan(TENANT, BATCH_ID), Buffer.from(JSON.stringify(plan)));
    expect(await backup('import', '--from-table', 'restored')).toBe(0);
    expect(records.peek(BATCH)).toMatchObject({
      phase: { kind: 'closing', as: 'cancelled' },
      times: { cancellingAtMs: 77 },
    });
    expect(records.peek(SHARD)).toMatchObject({ state: 'closed', fence: 100_004 });
    expect(printed.out).toContain('1 Batches go on with their close plan');
  });

  it.each([
    ['cut off', (file: string) => truncateSync(file, readFileSync(file).length - 5)],
    [
      'cut off at the end of a line',
      (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace(/.*\n$/, '')),
    ],
    ['longer', (file: string) => appendFileSync(file, '{"pk":"x","sk":"y"}\n')],
    [
      'changed',
      (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('"fence":3', '"fence":4')),
    ],
    ['empty', (file: string) => truncateSync(file, 0)],
  ])('refuse a file that is %s, and leave the table alone', async (_, spoil) => {
    const { records, backup, printed } = rig();
    const file = join(folder(), 'records.jsonl');
    await inFlight(records);
    await backup('export', '--to', file);
    spoil(file);
    const before = contents(records);
    expect(await backup('import', '--from', file, '--replace')).toBe(1);
    expect(printed.err).toMatch(/not a whole backup/);
    expect(contents(records)).toEqual(before);
  });

  it('refuse a file that is not there or holds nothing, and leave the table alone', async () => {
    const { records, other, backup, printed } = rig();
    const file = join(folder(), 'records.jsonl');
    await backup('export', '--to', file);
    await inFlight(records);
    const before = contents(records);
    expect(await backup('import', '--from', `${file}.old`, '--replace')).toBe(1);
    expect(printed.err).toContain('no such file');
    expect(await backup('import', '--from', file, '--replace')).toBe(1);
    expect(printed.err).toContain('holds no records');
    expect(contents(records)).toEqual(before);
    expect(other.all()).toEqual([]);
  });

  it.each([
    ['unknown', 'restord', /The table restord cannot be read: Requested resource not found/],
    ['empty', 'restored', /holds no records/],
    ['the one that would be replaced', 'TableName', /TableName is the table that the records go into/],
    [
      'the same by its ARN',
      'arn:aws:dynamodb:us-east-1:111122223333:table/TableName',
      /is the table that the records go into/,
    ],
  ])('refuse a table that is %s, and leave the table alone', async (_, name, why) => {
    const { records, backup, printed } = rig();
    await inFlight(records);
    const before = contents(records);
    expect(await backup('import', '--from-table', name, '--replace')).toBe(1);
    expect(printed.err).toMatch(why);
    expect(contents(records)).toEqual(before);
  });

  it('refuse a table of somebody else, and one that holds only the record of the clean-up', async () => {
    const { records, other, backup, printed } = rig();
    await inFlight(records);
    const before = contents(records);
    other.replaceAll([{ ...recordKeys.cleanUp(), record: { startedAtMs: 1, afterKey: null } }]);
    expect(await backup('import', '--from-table', 'restored', '--replace')).toBe(1);
    other.replaceAll([{ record: { id: 1 } } as never]);
    expect(await backup('import', '--from-table', 'restored', '--replace')).toBe(1);
    expect(printed.err.match(/holds no records/g)).toHaveLength(2);
    expect(contents(records)).toEqual(before);
  });

  it('write over no file', async () => {
    const { backup } = rig();
    const file = join(folder(), 'records.jsonl');
    writeFileSync(file, 'kept');
    expect(await backup('export', '--to', file)).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });

  it('never show work of which a part is missing, wherever an import dies', async () => {
    for (let calls = 0; ; calls++) {
      const { records, other, dyingAfter, backup } = rig();
      await inFlight(records);
      await inFlight(other);
      const code = await dyingAfter(calls, 'import', '--from-table', 'restored', '--replace');
      const isWhole = records.peek(BATCH) !== null && records.peek(SHARD) !== null;
      const isOpen = records.peek(recordKeys.openBatch(TENANT, BATCH_ID)) !== null;
      expect(isOpen && !isWhole, `after ${calls} calls`).toBe(false);
      expect(await backup('import', '--from-table', 'restored', '--replace')).toBe(0);
      expect(records.all()).toHaveLength(6);
      if (code === 0) return;
    }
  });

  it('need one source', async () => {
    const { backup, printed } = rig();
    expect(await backup('import')).toBe(1);
    expect(printed.err).toMatch(/--from <file> or --from-table <name>/);
  });
});

describe('backup undelete', () => {
  it('brings back what was deleted since, and nothing else', async () => {
    const { clock, versions, backup, printed } = rig();
    const key = (name: string) => objectKeys.file(TENANT as TenantId, name as never);
    for (const name of ['kept', 'before', 'since', 'again']) versions.put(key(name));
    versions.markDeleted(key('before'));
    clock.advance(1000);
    const since = new Date(clock.nowMs()).toISOString();
    for (const name of ['since', 'again']) versions.markDeleted(key(name));
    versions.put(key('again'));
    expect(await backup('undelete', '--since', since)).toBe(0);
    expect(printed.out).toBe('1 objects are there again.\n');
    const there = versions.all().filter(({ isLatest, isDeleteMarker }) => isLatest && !isDeleteMarker);
    expect(there.map((version) => version.key).sort()).toEqual(['again', 'kept', 'since'].map(key));
  });

  it('refuses what is no instant', async () => {
    const { backup, printed } = rig();
    expect(await backup('undelete', '--since', 'yesterday')).toBe(1);
    expect(printed.err).toMatch(/An instant like/);
  });
});
