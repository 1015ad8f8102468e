import { describe, expect, test } from 'vitest';
import type { FileId } from '../../../core/ids.ts';
import { recordKeys } from '../../../core/keys.ts';
import { closeBatch } from '../../../core/protocol/close-batch.ts';
import { cancel } from '../../../core/protocol/ending.ts';
import { enrolBatch } from '../../../core/protocol/enrol.ts';
import { finishBatch, markTold } from '../../../core/protocol/finish-batch.ts';
import { endIntake } from '../../../core/protocol/intake.ts';
import { segmentWriter } from '../../../core/protocol/segment-writer.ts';
import { NO_TOTALS } from '../../../core/protocol/shard.ts';
import { put } from '../../../core/records.ts';
import { createdBatch, FILE, never, planOf, REF } from './created-batch.ts';
import { BATCH, completedLine, SHARD_ID, TENANT } from './samples.ts';

describe('close', () => {
  test('holds a Segment that no report has told of, and ends completed with every line', async () => {
    const { ports, batch } = await createdBatch();
    await endIntake(ports, { ...REF, inputFileId: FILE.id }, planOf('a'));
    await enrolBatch(ports, REF);
    await ports.records.change(recordKeys.shard(SHARD_ID), (s) =>
      put({ ...(s ?? never()), fence: 1 }, undefined),
    );
    const lines = [0, 1, 2, 3].map((index) => completedLine(index));
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
    const totals = NO_TOTALS;
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
