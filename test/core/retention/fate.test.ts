import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch, BatchPhase, BatchTimes } from '../../../core/batch/batch.ts';
import type { StoredFile } from '../../../core/batch/file.ts';
import { fileExpiry } from '../../../core/batch/file-life.ts';
import type { BatchId, FileId, UploadId } from '../../../core/ids.ts';
import { objectKeys } from '../../../core/keys.ts';
import { batchFate, fileFate, ORPHAN_AGE_MS, runFate, uploadFate } from '../../../core/retention/fate.ts';
import { ownerOf } from '../../../core/retention/owner.ts';
import { DAY_MS } from '../../../core/retention/retention.ts';
import { advanceRound, dueRound, ROUND_EVERY_MS } from '../../../core/retention/round.ts';
import { RETENTION } from '../../fakes/retention.ts';
import { batchOf, SHARD_ID, TENANT } from '../protocol/samples.ts';

const NOW_MS = 1_000 * DAY_MS;
const FILE_ID = 'file-1' as FileId;
const BATCH_ID = 'batch_1' as BatchId;

const fileOf = (over: Partial<StoredFile> = {}): StoredFile => ({
  ...{ tenant: TENANT, id: FILE_ID, sizeBytes: 1, etag: '"e"', filename: 'in.jsonl', purpose: 'batch' },
  createdAtMs: 0,
  pinnedBy: [],
  ...over,
});
const over = (as: 'completed' | 'failed' | 'expired' | 'cancelled', endedAtMs: number): Batch =>
  batchOf({ phase: { kind: 'over', as } as BatchPhase, times: { [`${as}AtMs`]: endedAtMs } as BatchTimes });

describe('fileExpiry', () => {
  it.each([
    ['batch', undefined, 30],
    ['batch_output', undefined, 90],
    ['vision', undefined, null],
    ['vision', 5 * 86_400, 5],
    ['batch', 5 * 86_400, 5],
  ] as const)('of a File for %s that was asked to live %s s: %s days', (purpose, lifeSeconds, days) => {
    const expiry = fileExpiry(purpose, { nowMs: NOW_MS, lifeSeconds, retention: RETENTION });
    expect(expiry).toEqual(days === null ? {} : { expiresAtMs: NOW_MS + days * DAY_MS });
  });

  it('is none where the configuration has none', () => {
    const retention = { inputFileDays: null, outputFileDays: null };
    const start = { nowMs: NOW_MS, lifeSeconds: undefined, retention };
    expect([fileExpiry('batch', start), fileExpiry('batch_output', start)]).toEqual([{}, {}]);
  });
});

describe('ownerOf', () => {
  it.each([
    [objectKeys.file(TENANT, FILE_ID), { kind: 'file', tenant: TENANT, id: FILE_ID }],
    [objectKeys.intakePlan(TENANT, BATCH_ID), { kind: 'batch', tenant: TENANT, id: BATCH_ID }],
    [objectKeys.closePlan(TENANT, BATCH_ID), { kind: 'batch', tenant: TENANT, id: BATCH_ID }],
    [objectKeys.manifest(TENANT, BATCH_ID), { kind: 'batch', tenant: TENANT, id: BATCH_ID }],
    [objectKeys.errors(TENANT, BATCH_ID), { kind: 'batch', tenant: TENANT, id: BATCH_ID }],
    [objectKeys.shard(SHARD_ID, 'try'), { kind: 'run', tenant: TENANT, id: BATCH_ID }],
    [objectKeys.segment(SHARD_ID, { fence: 1, number: 1 }), { kind: 'run', tenant: TENANT, id: BATCH_ID }],
    [
      objectKeys.uploadPart(TENANT, 'upload_1' as UploadId, 'p'),
      { kind: 'upload', tenant: TENANT, id: 'upload_1' },
    ],
    ['tenants/acme/notes/x', null],
    ['tenants/acme/files/', null],
    ['runs/acme', null],
    ['elsewhere/acme/files/x', null],
  ])('of %s', (key, owner) => {
    expect(ownerOf(key)).toEqual(owner);
  });
});

describe('what becomes of objects', () => {
  const facts = { nowMs: NOW_MS, oldestOpenBatchAtMs: Number.POSITIVE_INFINITY };
  const orphaned = { kind: 'orphaned', storedBeforeMs: NOW_MS - ORPHAN_AGE_MS };

  it.each([
    ['lives', fileOf({ expiresAtMs: NOW_MS + 1 }), 'keep'],
    ['never expires', fileOf(), 'keep'],
    ['has expired', fileOf({ expiresAtMs: NOW_MS }), 'forget'],
    ['has expired and is read by a Batch', fileOf({ expiresAtMs: 0, pinnedBy: [BATCH_ID] }), 'keep'],
  ])('of a File that %s', (_, file, kind) => {
    expect(fileFate(file, facts)).toEqual({ kind });
  });

  it('of no File: an orphan if it is older than every open Batch of its tenant', () => {
    expect(fileFate(null, facts)).toEqual(orphaned);
    const oldestOpenBatchAtMs = NOW_MS - 20 * DAY_MS;
    expect(fileFate(null, { ...facts, oldestOpenBatchAtMs })).toEqual({
      kind: 'orphaned',
      storedBeforeMs: oldestOpenBatchAtMs - ORPHAN_AGE_MS,
    });
  });

  const longAgoMs = NOW_MS - RETENTION.batchDays * DAY_MS;
  it.each([
    ['open', batchOf(), true, 'keep', 'keep'],
    ['closing', batchOf({ phase: { kind: 'closing', as: 'expired' } }), true, 'keep', 'keep'],
    ['over and not told', over('completed', longAgoMs), false, 'keep', 'keep'],
    ['over and told', over('cancelled', longAgoMs + 1), true, 'keep', 'orphaned'],
    ['over for long', over('failed', longAgoMs), true, 'forget', 'orphaned'],
    ['gone', null, true, 'orphaned', 'orphaned'],
  ])('of a Batch that is %s', (_, batch, told, plans, run) => {
    const known = { batch, told, nowMs: NOW_MS };
    expect(batchFate(known, RETENTION.batchDays).kind).toBe(plans);
    expect(runFate(known).kind).toBe(run);
  });

  it('of a part of an Upload: an orphan once no Upload can want it', () => {
    expect(uploadFate(NOW_MS)).toEqual(orphaned);
  });
});

describe('rounds', () => {
  it('begin a day after the table was first seen, and a day apart', () => {
    const first = dueRound(null, NOW_MS);
    expect(first).toEqual({ kind: 'put', record: { startedAtMs: NOW_MS, afterKey: null }, result: null });
    const seen = { startedAtMs: NOW_MS, afterKey: null };
    expect(dueRound(seen, NOW_MS + ROUND_EVERY_MS - 1)).toEqual({ kind: 'keep', result: null });
    const nextAtMs = NOW_MS + ROUND_EVERY_MS;
    expect(dueRound(seen, nextAtMs).result).toEqual({ startedAtMs: nextAtMs, afterKey: '' });
  });

  it('are gone on with where they were left, however late', () => {
    const round = { startedAtMs: NOW_MS, afterKey: 'b' };
    expect(dueRound(round, NOW_MS + 9 * ROUND_EVERY_MS)).toEqual({ kind: 'keep', result: round });
  });

  it('only go on: never back, never into another, never open again', () => {
    const key = fc.option(fc.constantFrom('', 'a', 'b', 'c'));
    const round = fc.record({ startedAtMs: fc.constantFrom(1, 2), afterKey: key });
    fc.assert(
      fc.property(fc.option(round), round, (standing, walked) => {
        const change = advanceRound(standing, walked);
        if (change.kind !== 'put') return;
        expect(standing?.startedAtMs).toBe(walked.startedAtMs);
        expect(standing?.afterKey).not.toBeNull();
        if (walked.afterKey !== null) expect(walked.afterKey > (standing?.afterKey ?? '')).toBe(true);
      }),
    );
  });
});
