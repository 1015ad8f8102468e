import { describe, expect, test } from 'vitest';
import type { StoredFile } from '../../../core/batch/file.ts';
import type { IntakePlan } from '../../../core/batch/plans.ts';
import type { FileId } from '../../../core/ids.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import { assessLifecycle } from '../../../core/protocol/assess.ts';
import { closeBatch } from '../../../core/protocol/close-batch.ts';
import { createBatch } from '../../../core/protocol/create-batch.ts';
import { cancel } from '../../../core/protocol/ending.ts';
import { enrolBatch } from '../../../core/protocol/enrol.ts';
import { finishBatch, markTold } from '../../../core/protocol/finish-batch.ts';
import { endIntake } from '../../../core/protocol/intake.ts';
import { dispatch } from '../../../core/protocol/lease.ts';
import { segmentWriter } from '../../../core/protocol/segment-writer.ts';
import { startAttempt } from '../../../core/protocol/start-attempt.ts';
import { startLifecycle } from '../../../core/protocol/start-execution.ts';
import { sweep } from '../../../core/protocol/sweep.ts';
import { waitLifecycle } from '../../../core/protocol/wait-lifecycle.ts';
import { put } from '../../../core/records.ts';
import { manualClock } from '../../fakes/clock.ts';
import { memoryExecutions } from '../../fakes/executions.ts';
import { memoryObjects } from '../../fakes/objects.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { BATCH, batchOf, FLEET, leaseOf, SHARD_ID, TENANT } from './samples.ts';

const REF = { tenant: TENANT, batchId: BATCH };
const ROUNDS = { longMs: 3_600_000, mediumMs: 300_000 };
const FILE: StoredFile = {
  tenant: TENANT,
  id: 'file-1' as FileId,
  sizeBytes: 1,
  etag: '"pinned"',
  filename: 'in.jsonl',
  purpose: 'batch',
  createdAtMs: 0,
  pinnedBy: [],
};
const planOf = (intakeAttempt: string): IntakePlan => ({
  intakeAttempt,
  model: 'm',
  fleetId: FLEET,
  endpoint: '/v1/chat/completions',
  lines: 4,
  idDigest: 'd',
  shards: [{ number: 0, objectKey: `${intakeAttempt}/0`, lines: 4, estimatedTokens: 9 }],
});

async function createdBatch() {
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

describe('create and intake', () => {
  test('create pins the File and its ETag and opens the index, once', async () => {
    const { ports, batch, file } = await createdBatch();
    await createBatch(ports.records, batchOf({ generation: 0, endpoint: 'another' }));
    expect(batch()).toMatchObject({ inputEtag: '"pinned"', endpoint: '/v1/chat/completions' });
    expect(file()?.pinnedBy).toEqual([BATCH]);
    expect(ports.records.peek(recordKeys.openBatch(TENANT, BATCH))).toEqual(REF);
  });

  test('create does not revive a File that has expired', async () => {
    const records = memoryRecords();
    const expired = { ...FILE, pinnedBy: [], expiresAtMs: 5 };
    await records.change(recordKeys.file(TENANT, FILE.id), () => put(expired, undefined));
    await createBatch(records, batchOf({ generation: 0, createdAtMs: 6 }));
    expect(records.peek(recordKeys.batch(TENANT, BATCH))).toMatchObject({ inputEtag: null });
    expect(records.peek(recordKeys.file(TENANT, FILE.id))?.pinnedBy).toEqual([]);
  });

  test('the first intake plan wins, and its end unpins the File', async () => {
    const { ports, batch, file } = await createdBatch();
    const ref = { ...REF, inputFileId: FILE.id };
    await endIntake(ports, ref, planOf('first'));
    expect((await endIntake(ports, ref, planOf('second'))).intakeAttempt).toBe('first');
    expect(batch()?.plan).toMatchObject({ shards: 1, lines: 4, fleetId: FLEET });
    expect(file()?.pinnedBy).toEqual([]);
  });
});

describe('executions', () => {
  test('a retried start finds its execution; a closed one makes way for the next generation', async () => {
    const { ports } = await createdBatch();
    expect(await startLifecycle(ports, REF, 0)).toBe('running');
    expect(await startLifecycle(ports, REF, 0)).toBe('running');
    expect(ports.executions.all()).toHaveLength(1);
    ports.executions.end('batch-lifecycle', `${BATCH}-1`);
    expect(await startLifecycle(ports, REF, 0)).toBe('running');
    expect(ports.executions.all().map(({ name }) => name)).toEqual([`${BATCH}-1`, `${BATCH}-2`]);
  });

  test('the sweeper starts the lifecycle of a create that died', async () => {
    const { ports } = await createdBatch();
    await sweep(ports, [FLEET]);
    expect(await ports.executions.isRunning('batch-lifecycle', `${BATCH}-1`)).toBe(true);
  });

  test('enrol makes the Shards visible and starts the loop; again, it resets nothing', async () => {
    const { ports, batch, shard } = await createdBatch();
    await endIntake(ports, { ...REF, inputFileId: FILE.id }, planOf('a'));
    expect(await enrolBatch(ports, REF)).toBe('enrolled');
    expect(batch()?.phase.kind).toBe('enrolled');
    expect(await ports.executions.isRunning('fleet-scheduler', `${FLEET}-1`)).toBe(true);
    await ports.records.change(recordKeys.shard(SHARD_ID), (s) =>
      put({ ...(s ?? never()), fence: 9 }, undefined),
    );
    expect(await enrolBatch(ports, REF)).toBe('enrolled');
    expect(shard()?.fence).toBe(9);
  });

  test('a wait that registers after a cancel answers itself', async () => {
    const { ports } = await createdBatch();
    await startLifecycle(ports, REF, 0);
    await endIntake(ports, { ...REF, inputFileId: FILE.id }, planOf('a'));
    await enrolBatch(ports, REF);
    const input = { ...REF, generation: 1, definitionVersion: 1 };
    const step = await assessLifecycle(ports, input, ROUNDS);
    expect(step).toEqual({ kind: 'wait-long', waitSeq: 0 });
    await ports.records.change(recordKeys.batch(TENANT, BATCH), (b) => cancel(b, 1));
    const wait = { input, kind: 'wait-long', waitSeq: 0, token: 'token' } as const;
    expect(await waitLifecycle(ports, wait, ROUNDS)).toBe('answered');
    expect(ports.executions.tokens).toEqual(['token']);
  });
});

/** As a table that was restored has it: enrolled a moment ago, beside what Attempts have stored since. */
async function restoredShard() {
  const created = await createdBatch();
  const { ports } = created;
  await endIntake(ports, { ...REF, inputFileId: FILE.id }, planOf('a'));
  await enrolBatch(ports, REF);
  for (const [index, fence] of [1, 2, 4].entries()) {
    await segmentWriter(ports.objects, SHARD_ID, fence).flush(() => [lineOf(index)]);
  }
  return created;
}

const lineOf = (index: number) => ({
  index,
  outcome: 'completed' as const,
  bytes: Buffer.from(`{"of":${index}}\n`),
  ...{ inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 },
});

describe('a Shard whose record is older than its Segments', () => {
  test('is gone on with above every fence that was used, and sends no line again', async () => {
    const { ports, shard } = await restoredShard();
    const at = { seenSeq: 0, nowMs: 1, minAgeMs: 0 };
    await ports.records.change(recordKeys.shard(SHARD_ID), (current) => dispatch(current, at));
    const request = { owner: 'task', nonce: 'n', nowMs: 2, leaseMs: 1000 };
    const attempt = await startAttempt(ports, { shard: SHARD_ID, dispatchSeq: 1 }, request);
    expect(attempt).toMatchObject({ kind: 'started', open: [3], adopted: { 1: 1, 2: 1, 4: 1 } });
    expect(shard()).toMatchObject({ fence: 5, lease: { nonce: 'n' } });
    expect(attempt).toMatchObject({ shard: { fence: 5 } });
    await segmentWriter(ports.objects, SHARD_ID, 5).flush(() => [lineOf(3)]);
    expect(await startAttempt(ports, { shard: SHARD_ID, dispatchSeq: 1 }, request)).toMatchObject({
      open: [],
    });
  });

  test('is closed with all that they hold', async () => {
    const { ports } = await restoredShard();
    ports.clock.set(10_000_000);
    const closed = await closeBatch(ports, REF);
    const segments = [1, 2, 4].map((fence) => ({ fence, number: 1 }));
    expect(closed).toMatchObject({ plan: { as: 'expired', shards: [{ segments }] } });
    expect(await closeBatch(ports, REF)).toEqual(closed);
  });

  test('is left to the one that has claimed it since', async () => {
    const { ports } = await restoredShard();
    const key = recordKeys.shard(SHARD_ID);
    const at = { seenSeq: 0, nowMs: 1, minAgeMs: 0 };
    await ports.records.change(key, (current) => dispatch(current, at));
    const { list } = ports.objects;
    const objects = {
      ...ports.objects,
      list: async (prefix: string) => {
        await ports.records.change(key, (s) =>
          put({ ...(s ?? never()), fence: 4, lease: leaseOf(9, 'other') }, undefined),
        );
        return list(prefix);
      },
    };
    const request = { owner: 'task', nonce: 'n', nowMs: 2, leaseMs: 1000 };
    const refused = await startAttempt({ ...ports, objects }, { shard: SHARD_ID, dispatchSeq: 1 }, request);
    expect(refused).toEqual({ kind: 'refused', why: 'leased' });
  });
});

describe('close', () => {
  test('holds a Segment that no report has told of, and ends completed with every line', async () => {
    const { ports, batch } = await createdBatch();
    await endIntake(ports, { ...REF, inputFileId: FILE.id }, planOf('a'));
    await enrolBatch(ports, REF);
    await ports.records.change(recordKeys.shard(SHARD_ID), (s) =>
      put({ ...(s ?? never()), fence: 1 }, undefined),
    );
    const usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 };
    const lines = [0, 1, 2, 3].map((index) => ({
      index,
      outcome: 'completed' as const,
      bytes: Buffer.from('{}\n'),
      ...usage,
    }));
    await segmentWriter(ports.objects, SHARD_ID, 1).flush(() => lines);
    ports.clock.set(10_000_000);
    const closed = await closeBatch(ports, REF);
    expect(closed).toMatchObject({
      kind: 'planned',
      plan: { as: 'completed', shards: [{ number: 0, segments: [{ fence: 1, number: 1 }] }] },
    });
    expect(batch()?.phase).toEqual({ kind: 'closing', as: 'expired' });
    expect(await closeBatch(ports, REF)).toEqual(closed);
  });

  test('a Batch that is cancelled before intake ends keeps a late intake out', async () => {
    const { ports, shard, file } = await createdBatch();
    await ports.records.change(recordKeys.batch(TENANT, BATCH), (b) => cancel(b, 1));
    const closed = await closeBatch(ports, REF);
    expect(closed).toMatchObject({ kind: 'planned', plan: { as: 'cancelled', shards: [] } });
    expect((await endIntake(ports, { ...REF, inputFileId: FILE.id }, planOf('late'))).shards).toEqual([]);
    expect(await enrolBatch(ports, REF)).toBe('refused');
    expect(shard()).toBeNull();
    expect(file()?.pinnedBy).toEqual([]);
  });

  test('a Deadline that is not there yet closes nothing', async () => {
    const { ports, batch } = await createdBatch();
    expect(await closeBatch(ports, REF)).toEqual({ kind: 'not-yet' });
    expect(batch()?.phase.kind).toBe('validating');
  });

  test('the outcome and its Files are shown together, once; then the Batch leaves the index', async () => {
    const { ports, batch } = await createdBatch();
    await ports.records.change(recordKeys.batch(TENANT, BATCH), (b) => cancel(b, 1));
    await closeBatch(ports, REF);
    const output = { ...FILE, id: 'file-out' as FileId };
    const totals = {
      completed: 0,
      failed: 0,
      ...{ inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 },
    };
    const outcome = {
      kind: 'over',
      as: 'cancelled',
      outputFileId: output.id,
      errorFileId: null,
      manifestKey: 'm',
      totals,
    } as const;
    await expect(markTold(ports.records, REF)).rejects.toThrow('not over');
    expect(await finishBatch(ports, REF, { outcome, files: [output] })).toBe('finished');
    const other = { ...outcome, outputFileId: 'file-other' as FileId };
    expect(
      await finishBatch(ports, REF, { outcome: other, files: [{ ...output, id: other.outputFileId }] }),
    ).toBe('refused');
    expect(ports.records.peek(recordKeys.file(TENANT, other.outputFileId))).toBeNull();
    expect(batch()?.phase).toEqual(outcome);
    await markTold(ports.records, REF);
    expect(ports.records.peek(recordKeys.openBatch(TENANT, BATCH))).toBeNull();
  });
});

test('an intake that dies in one generation after another ends as failed, with an error to read', async () => {
  const { ports, batch } = await createdBatch();
  await ports.records.change(recordKeys.batch(TENANT, BATCH), (b) =>
    put({ ...(b ?? never()), generation: 6 }, undefined),
  );
  const input = { ...REF, generation: 6, definitionVersion: 1 };
  expect(await assessLifecycle(ports, input, ROUNDS)).toEqual({ kind: 'tell' });
  expect(batch()).toMatchObject({ phase: { kind: 'over', as: 'failed' } });
  const errors = JSON.parse(
    Buffer.from(ports.objects.peek(objectKeys.errors(TENANT, BATCH)) ?? []).toString(),
  );
  expect(errors).toEqual([expect.objectContaining({ code: 'internal_error' })]);
});

test('a Segment whose put failed is put again byte for byte, and numbers have no gaps', async () => {
  const objects = memoryObjects();
  let failures = 2;
  const flaky = {
    ...objects,
    putOnce: async (key: string, body: Uint8Array) => {
      const stored = await objects.putOnce(key, body);
      if (failures-- > 0) throw new Error('the answer was lost');
      return stored;
    },
  };
  const line = (index: number) => ({
    index,
    outcome: 'completed' as const,
    bytes: Buffer.from(`${index}\n`),
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
  });
  const writer = segmentWriter(flaky, SHARD_ID, 2);
  await expect(writer.flush(() => [line(0)])).rejects.toThrow('lost');
  await expect(writer.flush(() => [line(1)])).rejects.toThrow('lost');
  expect(writer.stored()).toBe(0);
  expect((await writer.flush(() => [line(1)])).map(({ index }) => index)).toEqual([0]);
  expect((await writer.flush(() => [line(1)])).map(({ index }) => index)).toEqual([1]);
  expect(writer.stored()).toBe(2);
  expect(objects.keys()).toEqual([1, 2].map((number) => objectKeys.segment(SHARD_ID, { fence: 2, number })));
});

function never(): never {
  throw new Error('There is no such record.');
}
