import { describe, expect, it } from 'vitest';
import type { BatchId, TenantId } from '../../../core/ids.ts';
import { batchesRig, errorOf, refusal } from './rig.ts';

interface List {
  readonly data: readonly { readonly id: string; readonly errors: { readonly data: unknown[] } | null }[];
}
const FAILED = { kind: 'over', as: 'failed' } as const;

const listOf = async (answering: Promise<Response>): Promise<List> =>
  (await (await answering).json()) as List;

describe('GET /v1/batches', () => {
  it('pages through all of them as the SDK does, newest first', async () => {
    const rig = batchesRig();
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) {
      ids.unshift((await rig.has()).id);
      rig.clock.advance(1);
    }
    await rig.has({ tenant: 'other' as TenantId });
    const listed: string[] = [];
    for await (const { id } of rig.clientOf('acme').batches.list({ limit: 3 })) listed.push(id);
    expect(listed).toEqual(ids);
  });

  it('reads for no more than 16 of them at once', async () => {
    const rig = batchesRig();
    for (let i = 0; i < 40; i++) await rig.has({ phase: FAILED, errorsKey: 'errors' });
    let [inFlight, most] = [0, 0];
    rig.objects.get = async () => {
      most = Math.max(most, ++inFlight);
      await new Promise(setImmediate);
      inFlight--;
      return Buffer.from('[]');
    };
    expect((await listOf(rig.call('/batches?limit=40'))).data).toHaveLength(40);
    expect(most).toBe(16);
  });

  it('answers an envelope, empty where there is nothing', async () => {
    const empty = { object: 'list', data: [], first_id: null, last_id: null, has_more: false };
    expect(await listOf(batchesRig().call('/batches'))).toEqual(empty);
  });

  it('lists 20 unless told, and at most 100', async () => {
    const rig = batchesRig();
    for (let i = 0; i < 21; i++) await rig.has();
    expect((await listOf(rig.call('/batches'))).data).toHaveLength(20);
    expect((await listOf(rig.call('/batches?limit=100'))).data).toHaveLength(21);
  });

  it.each([
    ['101', 'integer above maximum value. Expected a value <= 100, but got 101', 'integer_above_max_value'],
    ['0', 'integer below minimum value. Expected a value >= 1, but got 0', 'integer_below_min_value'],
  ])('refuses limit=%s', async (limit, says, code) => {
    const message = `Invalid 'limit': ${says} instead.`;
    const refused = await errorOf(batchesRig().call(`/batches?limit=${limit}`));
    expect(refused).toEqual(refusal(400, message, 'limit', code));
  });

  it.each(['', 'abc', '1.5', '0x10', '%2010'])('refuses limit=%s, which is no integer', async (limit) => {
    const message = "Invalid type for 'limit': expected an integer, but got a string instead.";
    const refused = await errorOf(batchesRig().call(`/batches?limit=${limit}`));
    expect(refused).toEqual(refusal(400, message, 'limit', 'invalid_type'));
  });

  it('does not find an `after` that is no Batch of the tenant', async () => {
    const rig = batchesRig();
    const foreign = await rig.has({ tenant: 'other' as TenantId, id: 'batch_f' as BatchId });
    for (const id of [foreign.id, 'batch_none']) {
      const message = `No batch found with id '${id}'.`;
      expect(await errorOf(rig.call(`/batches?after=${id}`))).toEqual(refusal(404, message, 'after', null));
    }
  });

  it("shows ten errors of a failed Batch and tells of the others, so that a page stays below Lambda's 6 MB", async () => {
    const rig = batchesRig();
    const error = { code: 'c', message: 'm'.repeat(200), param: 'body.model', line: 1 };
    const note = { code: 'more_errors', message: 'All of them are in file file-1.', param: null, line: null };
    const many = [...Array.from({ length: 1000 }, () => error), note];
    rig.objects.put('many', Buffer.from(JSON.stringify(many)));
    rig.objects.put('few', Buffer.from(JSON.stringify(many.slice(0, 10))));
    const few = await rig.has({ phase: FAILED, errorsKey: 'few' });
    for (let i = 1; i < 100; i++) await rig.has({ phase: FAILED, errorsKey: 'many' });
    const answer = await (await rig.call('/batches?limit=100')).text();
    expect(answer.length).toBeLessThan(1_000_000);
    const { data } = JSON.parse(answer) as List;
    expect(data.find(({ id }) => id === few.id)?.errors?.data).toHaveLength(10);
    const cut = data.find(({ id }) => id !== few.id);
    expect(cut?.errors?.data).toHaveLength(11);
    expect(cut?.errors?.data.at(-1)).toEqual({
      code: 'more_errors',
      message: `990 more errors are listed by GET /v1/batches/${cut?.id}.`,
      param: null,
      line: null,
    });
  });
});

describe('GET /v1/models', () => {
  it('lists each model once, whatever the number of its Fleets', async () => {
    const models = await batchesRig().clientOf('acme').models.list();
    expect(models.data.map(({ id, object }) => [id, object])).toEqual([
      ['small-1', 'model'],
      ['small-formal', 'model'],
      ['embed-1', 'model'],
    ]);
  });
});
