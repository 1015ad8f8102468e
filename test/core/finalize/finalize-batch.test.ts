import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { finalizeBatch } from '../../../core/finalize/finalize-batch.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import type { Objects } from '../../../core/ports.ts';
import { cancel } from '../../../core/protocol/ending.ts';
import { BATCH_ID, REF, submit, TENANT } from '../intake/fixtures.ts';
import { closed, enrolled, linesOf, outcomeIn, shardIdOf, type World, work, worldOf } from './fixtures.ts';

const OK = { status: 200 };
const idsOf = (lines: ReturnType<typeof linesOf>): readonly string[] => lines.map((line) => line.custom_id);
const manifestIn = (world: World) =>
  JSON.parse(Buffer.from(world.objects.peek(objectKeys.manifest(TENANT, BATCH_ID)) ?? []).toString());

describe('finalizeBatch', () => {
  it('makes one output file of a clean Batch, and no error file', async () => {
    const world = worldOf();
    await enrolled(world, 6, { outputExpiresAfterSeconds: 3600 });
    await work(world, 1, { 0: OK, 1: OK });
    await work(world, 0, { 2: OK, 0: OK, 3: OK, 1: OK });
    const plan = await closed(world);
    expect(await finalizeBatch(world, REF)).toEqual({ kind: 'finished', unreadable: [] });

    const outcome = outcomeIn(world);
    expect(outcome).toMatchObject({ as: 'completed', outputFileId: plan.outputFileId, errorFileId: null });
    expect(outcome.totals).toMatchObject({ completed: 6, failed: 0, inputTokens: 60, outputTokens: 30 });
    const lines = linesOf(world, outcome.outputFileId);
    expect([...idsOf(lines)].sort()).toEqual(['id-0', 'id-1', 'id-2', 'id-3', 'id-4', 'id-5']);
    const record = world.records.peek(recordKeys.file(TENANT, plan.outputFileId));
    expect(record).toMatchObject({
      filename: 'batch_1_output.jsonl',
      purpose: 'batch_output',
      createdAtMs: world.clock.nowMs(),
      expiresAtMs: world.clock.nowMs() + 3_600_000,
    });
    expect(world.records.peek(recordKeys.file(TENANT, plan.errorFileId))).toBeNull();
  });

  it('writes a manifest that proves the files', async () => {
    const world = worldOf();
    await enrolled(world, 4);
    await work(world, 0, { 0: OK, 1: { status: 400 }, 2: OK, 3: { status: 500 } });
    await closed(world);
    await finalizeBatch(world, REF);
    const { outputFileId, errorFileId, totals } = outcomeIn(world);
    expect(idsOf(linesOf(world, outputFileId))).toEqual(['id-0', 'id-2']);
    expect(linesOf(world, errorFileId).map((line) => [line.custom_id, line.response?.status_code])).toEqual([
      ['id-1', 400],
      ['id-3', 500],
    ]);
    expect(totals).toMatchObject({ completed: 2, failed: 2 });
    const bytes = world.objects.peek(objectKeys.file(TENANT, outputFileId ?? shouldNotBe())) ?? shouldNotBe();
    const manifest = manifestIn(world);
    expect(manifest).toMatchObject({
      endedAs: 'completed',
      input: { lines: 4 },
      output: { lines: 2, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') },
      error: { lines: 2 },
      proof: { holds: true },
    });
    const sum = BigInt(`0x${manifest.output.idDigest}`) + BigInt(`0x${manifest.error.idDigest}`);
    expect(sum % (1n << 256n)).toBe(BigInt(`0x${manifest.input.idDigest}`));
  });

  it('completes a Batch of which every line failed without an output file', async () => {
    const world = worldOf();
    await enrolled(world, 2);
    await work(world, 0, { 0: { status: 400 }, 1: { status: 400 } });
    await closed(world);
    await finalizeBatch(world, REF);
    expect(outcomeIn(world)).toMatchObject({ as: 'completed', outputFileId: null });
    expect(linesOf(world, outcomeIn(world).errorFileId)).toHaveLength(2);
  });

  it('keeps what was Finished of an expired Batch and names the rest', async () => {
    const world = worldOf();
    await enrolled(world, 6, { deadlineMs: 200_000 });
    await work(world, 0, { 1: OK, 2: { status: 400 } });
    world.clock.set(200_000);
    await closed(world);
    await finalizeBatch(world, REF);
    const outcome = outcomeIn(world);
    expect(outcome).toMatchObject({ as: 'expired', totals: { completed: 1, failed: 1 } });
    expect(idsOf(linesOf(world, outcome.outputFileId))).toEqual(['id-1']);
    const errors = linesOf(world, outcome.errorFileId);
    expect(idsOf(errors)).toEqual(['id-2', 'id-0', 'id-3', 'id-4', 'id-5']);
    expect(errors[1]).toMatchObject({
      id: expect.stringMatching(/^batch_req_[0-9a-f]{32}$/),
      response: null,
      error: {
        code: 'batch_expired',
        message: 'This request could not be executed before the completion window expired.',
      },
    });
  });

  it('ends a cancelled Batch with its partial results', async () => {
    const world = worldOf();
    await enrolled(world, 3);
    await work(world, 0, { 0: OK });
    await world.records.change(recordKeys.batch(TENANT, BATCH_ID), (batch) => cancel(batch, 1));
    await closed(world);
    await finalizeBatch(world, REF);
    const outcome = outcomeIn(world);
    expect(outcome.as).toBe('cancelled');
    expect(linesOf(world, outcome.errorFileId).map((line) => line.error?.code)).toEqual([
      'batch_cancelled',
      'batch_cancelled',
    ]);
  });

  it('takes the first of two results of a line', async () => {
    const world = worldOf();
    await enrolled(world, 2);
    await work(world, 0, { 0: { status: 200, text: 'first' } });
    await work(world, 0, { 0: { status: 400, text: 'second' }, 1: { status: 200, text: 'second' } });
    await closed(world);
    await finalizeBatch(world, REF);
    const outcome = outcomeIn(world);
    expect(linesOf(world, outcome.outputFileId).map((line) => line.response?.body.text)).toEqual([
      'first',
      'second',
    ]);
    expect(outcome).toMatchObject({ errorFileId: null, totals: { completed: 2, failed: 0 } });
  });

  it('puts the lines of a damaged Segment into the error file under a code of their own', async () => {
    const world = worldOf();
    await enrolled(world, 6);
    await work(world, 0, { 0: OK, 1: OK, 2: OK, 3: OK });
    await work(world, 1, { 0: OK, 1: OK });
    const plan = await closed(world);
    const [name] = plan.shards[0]?.segments ?? [];
    const key = objectKeys.segment(shardIdOf(0), name ?? shouldNotBe());
    world.objects.put(key, Buffer.from('damaged'));
    expect(await finalizeBatch(world, REF)).toEqual({ kind: 'finished', unreadable: [key] });
    const outcome = outcomeIn(world);
    expect(outcome.totals).toMatchObject({ completed: 2, failed: 4 });
    expect(linesOf(world, outcome.errorFileId).map((line) => line.error?.code)).toEqual(
      Array(4).fill('result_unreadable'),
    );
    expect(manifestIn(world).unreadableSegments).toEqual([key]);
  });

  it('shows no outcome where a Segment names the wrong Request', async () => {
    const world = worldOf();
    await enrolled(world, 6);
    await work(world, 0, { 0: OK, 1: OK, 2: OK, 3: OK });
    await work(world, 1, { 0: OK, 1: OK });
    await closed(world);
    const [key] = world.objects.keys().filter((each) => each.includes('/segments/000000/'));
    const swapped = Buffer.from(world.objects.peek(key ?? '') ?? []);
    world.objects.put(key ?? '', Buffer.from(swapped.toString('latin1').replace('id-3', 'id-2'), 'latin1'));
    await expect(finalizeBatch(world, REF)).rejects.toMatchObject({ name: 'ProofFailed' });
    expect(world.records.peek(recordKeys.batch(TENANT, BATCH_ID))?.phase.kind).toBe('closing');
  });

  it('goes to the same end from wherever an attempt died', async () => {
    const world = worldOf();
    await enrolled(world, 6);
    await work(world, 0, { 0: OK, 1: { status: 400 }, 2: OK, 3: OK });
    await work(world, 1, { 0: OK, 1: OK });
    await closed(world);
    for (let survived = 0; survived < 3; survived++) {
      const dying = { ...world, objects: dyingAfter(world.objects, survived) };
      await expect(finalizeBatch(dying, REF)).rejects.toThrow('died');
      expect(world.records.peek(recordKeys.batch(TENANT, BATCH_ID))?.phase.kind).toBe('closing');
    }
    await finalizeBatch(world, REF);
    const outcome = outcomeIn(world);
    expect(await finalizeBatch(world, REF)).toEqual({ kind: 'over' });
    expect(outcomeIn(world)).toEqual(outcome);
  });

  it('writes the same bytes twice where two attempts run at the same time', async () => {
    const world = worldOf();
    await enrolled(world, 4);
    await work(world, 0, { 0: OK, 1: { status: 400 }, 2: OK, 3: OK });
    await closed(world);
    const results = await Promise.all([finalizeBatch(world, REF), finalizeBatch(world, REF)]);
    expect(results.map(({ kind }) => kind)).toEqual(['finished', 'finished']);
    expect(idsOf(linesOf(world, outcomeIn(world).outputFileId))).toEqual(['id-0', 'id-2', 'id-3']);
  });

  it('ends a Batch that was cancelled before its intake ended without any file', async () => {
    const world = worldOf();
    await submit(world, 'unread');
    await world.records.change(recordKeys.batch(TENANT, BATCH_ID), (batch) => cancel(batch, 1));
    await closed(world);
    await finalizeBatch(world, REF);
    expect(outcomeIn(world)).toMatchObject({ as: 'cancelled', outputFileId: null, errorFileId: null });
  });
});

function shouldNotBe(): never {
  throw new Error('The test found nothing here.');
}

/** Lets so many writes through and fails the next one after it was written. */
function dyingAfter(objects: World['objects'], writes: number): World['objects'] {
  let left = writes;
  const last = async <T>(write: () => Promise<T>): Promise<T> => {
    const answer = await write();
    if (left-- <= 0) throw new Error('It died.');
    return answer;
  };
  const putOnce: Objects['putOnce'] = (key, body) => last(() => objects.putOnce(key, body));
  const putOnceStream: Objects['putOnceStream'] = (key, body) => last(() => objects.putOnceStream(key, body));
  return { ...objects, putOnce, putOnceStream };
}
