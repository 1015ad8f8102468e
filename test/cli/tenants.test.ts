import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TenantsDeps } from '../../cli/tenants-program.ts';
import type { StoredFile, Upload } from '../../core/batch/file.ts';
import type { BatchId, FileId, UploadId } from '../../core/ids.ts';
import { objectKeys, recordKeys } from '../../core/keys.ts';
import { markTold } from '../../core/protocol/finish-batch.ts';
import { type RecordKey, remove, type Transition } from '../../core/records.ts';
import { batchOf } from '../core/protocol/samples.ts';
import {
  ACME,
  everything,
  FLEET,
  NEIGHBOUR,
  neighbourAlone,
  open,
  program,
  set,
  tracesOf,
  twoTenants,
  type World,
  withoutKeys,
  worldOf,
} from './tenants/tenants-rig.ts';

describe('tenants delete', () => {
  it('leaves no record, object, version, delete marker or upload of the tenant, and its neighbour whole', async () => {
    const world = await twoTenants();
    const { run, printed } = program(world);
    expect(tracesOf(world, ACME).length).toBeGreaterThan(10);
    expect(await run('acme', '--yes')).toBe(0);
    expect(tracesOf(world, ACME)).toEqual([]);
    expect(withoutKeys(world)).toEqual(withoutKeys(await neighbourAlone()));
    expect(printed.out).toBe('Left of acme: 0 records, 0 object versions, 0 unfinished uploads.\n');
    expect(printed.err).toMatch(/backupDays.*logRetentionDays.*After a restore.*run it again/s);
  });

  it('deletes nothing without --yes, and says how much there is', async () => {
    const world = await twoTenants();
    const before = everything(world);
    const { run, printed } = program(world);
    expect(await run('acme')).toBe(1);
    expect(everything(world)).toEqual(before);
    expect(printed.err).toMatch(/6 records, 7 object versions, 1 unfinished uploads.*repeat it with --yes/);
  });

  it('refuses while Batches are open, names them, and leaves the keys in force', async () => {
    const world = await twoTenants();
    await open(world, ACME);
    const before = everything(world);
    const { run, printed } = program(world);
    expect(await run('acme', '--yes')).toBe(1);
    expect(printed.err).toMatch(/1 open Batches \(batch_of_acme\).*--cancel/);
    expect(everything(world)).toEqual(before);
  });

  it('cancels open Batches, wakes their lifecycles, and waits for their end', async () => {
    const world = await twoTenants();
    for (const tenant of [ACME, NEIGHBOUR]) await open(world, tenant);
    const ref = { tenant: ACME, batchId: 'batch_of_acme' as BatchId };
    const phases: unknown[] = [];
    const pause = async () => {
      const batch = world.records.peek(recordKeys.batch(ACME, ref.batchId));
      phases.push(batch?.phase);
      if (batch === null || phases.length < 4) return;
      await set(world, recordKeys.batch(ACME, ref.batchId), {
        ...batch,
        phase: { kind: 'over', as: 'failed' },
      });
      await markTold(world.records, ref);
      await set(world, recordKeys.fleetBatch(FLEET, ACME, ref.batchId), { ...ref, fleetId: FLEET });
    };
    expect(await program(world, { pause }).run('acme', '--yes', '--cancel')).toBe(0);
    expect(phases.at(-1)).toEqual({ kind: 'closing', as: 'cancelled' });
    expect(world.executions.tokens).toContain('token');
    expect(tracesOf(world, ACME)).toEqual([]);
    const neighbours = world.records.peek(recordKeys.batch(NEIGHBOUR, 'batch_of_acme-2' as BatchId));
    expect(neighbours?.phase.kind).toBe('validating');
  });

  it('revokes the keys, then waits as long as they are let in, before it looks for Batches', async () => {
    const world = await twoTenants();
    const pause = async (ms: number) => {
      expect(ms).toBeGreaterThan(60_000 + 29_000);
      expect(tracesOf(world, ACME).filter((text) => text.includes('KEY#'))).toEqual([]);
      await open(world, ACME);
    };
    const { run, printed } = program(world, { pause });
    expect(await run('acme', '--yes')).toBe(1);
    expect(printed.err).toMatch(/1 open Batches/);
  });

  it('waits for the rest of that time where it was killed while it waited, and then no more', async () => {
    const world = await twoTenants();
    const killed = async () => {
      world.clock.advance(30_000);
      throw new Error('killed');
    };
    expect(await program(world, { pause: killed }).run('acme', '--yes')).toBe(1);
    const waitsMs: number[] = [];
    const pause = async (ms: number) => {
      waitsMs.push(ms);
      world.clock.advance(ms);
      await set(world, recordKeys.file(ACME, 'file-late' as FileId), { tenant: ACME } as StoredFile);
    };
    expect(await program(world, { pause }).run('acme', '--yes')).toBe(0);
    expect(await program(world, { pause }).run('acme', '--yes')).toBe(0);
    expect(waitsMs).toEqual([60_000]);
    expect(tracesOf(world, ACME)).toEqual([]);
  });

  it('waits for all of it where it was killed before it knew that the keys are revoked', async () => {
    const world = await twoTenants();
    expect(await program(world, dyingAfter(world, 1)).run('acme', '--yes')).toBe(1);
    expect(tracesOf(world, ACME).filter((text) => text.includes('KEY#'))).toEqual([]);
    world.clock.advance(3_600_000);
    const waitsMs: number[] = [];
    const pause = async (ms: number) => void waitsMs.push(ms);
    expect(await program(world, { pause }).run('acme', '--yes')).toBe(0);
    expect(waitsMs).toEqual([90_000]);
  });

  it('waits too where the keys were revoked by hand before, nobody knows when', async () => {
    const world = await twoTenants();
    const keys = world.records.all().filter(({ pk }) => pk.startsWith('KEY#'));
    for (const key of keys) await world.records.change(key, () => remove(undefined));
    const waitsMs: number[] = [];
    const pause = async (ms: number) => void waitsMs.push(ms);
    expect(await program(world, { pause }).run('acme', '--yes')).toBe(0);
    expect(waitsMs).toEqual([90_000]);
  });

  it('fails, and asks to be run again, where something came while it ran', async () => {
    const world = await twoTenants();
    const { abort } = world.versions;
    const late = objectKeys.file(ACME, 'file-late' as FileId);
    world.versions.abort = async (upload) => {
      await abort(upload);
      await set(world, recordKeys.file(ACME, 'file-late' as FileId), { tenant: ACME } as StoredFile);
      world.versions.put(late);
    };
    const { run, printed } = program(world);
    expect(await run('acme', '--yes')).toBe(1);
    expect(printed.out).toContain('1 records');
    expect(printed.err).toMatch(/Run the command again/);
    expect(await program(world).run('acme', '--yes')).toBe(0);
  });

  it('says until when upload URLs that were handed out may still bring bytes', async () => {
    const world = await twoTenants();
    const upload = { tenant: ACME, expiresAtMs: world.clock.nowMs() + 3_600_000 } as Upload;
    await set(world, recordKeys.upload(ACME, 'upload_9' as UploadId), upload);
    const { run, printed } = program(world);
    expect(await run('acme', '--yes')).toBe(1);
    expect(printed.err).toContain('take bytes until 2026-01-01T01:00:00.000Z. Run the command again then.');
    world.versions.put(objectKeys.file(ACME, 'file-by-url' as FileId));
    expect(await run('acme', '--yes')).toBe(0);
    expect(tracesOf(world, ACME)).toEqual([]);
  });

  it('knows of what was begun while revoked keys were still let in: upload URLs, and Batches in a plan', async () => {
    const world = await twoTenants();
    const pause = async (ms: number) => {
      world.clock.advance(ms);
      const upload = { tenant: ACME, expiresAtMs: world.clock.nowMs() + 3_600_000 } as Upload;
      await set(world, recordKeys.upload(ACME, 'upload_9' as UploadId), upload);
      const id = 'batch_2_of_acme' as BatchId;
      await set(world, recordKeys.batch(ACME, id), batchOf({ tenant: ACME, id }));
      await set(world, recordKeys.fleetSummary(FLEET), { fleetId: FLEET, order: [id] } as never);
    };
    const { run, printed } = program(world, { pause });
    expect(await run('acme', '--yes')).toBe(1);
    expect(printed.err).toContain('take bytes until 2026-01-01T01:01:30.000Z. Run the command again then.');
    expect(tracesOf(world, ACME)).toEqual([]);
  });

  it('refuses what is no tenant id', async () => {
    const { run, printed } = program(worldOf());
    expect(await run('tenants/acme', '--yes')).toBe(1);
    expect(printed.err).toMatch(/no tenant id/);
  });

  it('may be killed after any effect, and ends what it began when it is run again', async () => {
    const whole = withoutKeys(await neighbourAlone());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(25), { maxLength: 4 }), async (deaths) => {
        const world = await twoTenants();
        for (const effects of deaths) await program(world, dyingAfter(world, effects)).run('acme', '--yes');
        expect(await program(world).run('acme', '--yes')).toBe(0);
        expect(tracesOf(world, ACME)).toEqual([]);
        expect(withoutKeys(world)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });
});

function dyingAfter(world: World, effects: number): Partial<TenantsDeps> {
  let left = effects;
  const dying = async <T>(perform: () => Promise<T>): Promise<T> => {
    const result = await perform();
    if (left-- <= 0) throw new Error('killed');
    return result;
  };
  const { records, table, versions } = world;
  const open = () => ({
    ...world,
    records: {
      ...records,
      change: <T, R>(key: RecordKey<T>, act: Transition<T, R>) => dying(() => records.change(key, act)),
    },
    table: { ...table, remove: (keys: never) => dying(() => table.remove(keys)) },
    versions: {
      ...versions,
      remove: (some: never) => dying(() => versions.remove(some)),
      abort: (upload: never) => dying(() => versions.abort(upload)),
    },
  });
  return { open };
}
