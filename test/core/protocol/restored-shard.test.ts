import { describe, expect, test } from 'vitest';
import { recordKeys } from '../../../core/keys.ts';
import { closeBatch } from '../../../core/protocol/close-batch.ts';
import { enrolBatch } from '../../../core/protocol/enrol.ts';
import { endIntake } from '../../../core/protocol/intake.ts';
import { dispatch } from '../../../core/protocol/lease.ts';
import { segmentWriter } from '../../../core/protocol/segment-writer.ts';
import { startAttempt } from '../../../core/protocol/start-attempt.ts';
import { put } from '../../../core/records.ts';
import { createdBatch, FILE, never, planOf, REF } from './created-batch.ts';
import { completedLine, leaseOf, SHARD_ID } from './samples.ts';

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

const lineOf = (index: number) => completedLine(index, `{"of":${index}}\n`);

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
