import { describe, expect, test } from 'vitest';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import { assessLifecycle } from '../../../core/protocol/assess.ts';
import { createBatch } from '../../../core/protocol/create-batch.ts';
import { endIntake } from '../../../core/protocol/intake.ts';
import { put } from '../../../core/records.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { createdBatch, FILE, never, planOf, REF, ROUNDS } from './created-batch.ts';
import { BATCH, batchOf, FLEET, TENANT } from './samples.ts';

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
