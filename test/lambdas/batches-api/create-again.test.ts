import { describe, expect, it } from 'vitest';
import { BODY, batchesRig, errorOf } from './rig.ts';

const KEY = { 'Idempotency-Key': 'k1' };
const triedBefore = (times: number) => ({ 'X-Stainless-Retry-Count': String(times) });

const idOf = async (answering: Promise<Response>): Promise<string> =>
  ((await (await answering).json()) as { readonly id: string }).id;

describe('a create with an Idempotency-Key', () => {
  it('answers the first Batch again, whatever the order of the fields', async () => {
    const { post, executions } = batchesRig();
    const first = await idOf(post({ ...BODY, metadata: { a: '1', b: '2' } }, KEY));
    const again = await idOf(post({ metadata: { b: '2', a: '1' }, ...BODY }, KEY));
    expect(again).toBe(first);
    expect(executions.all()).toHaveLength(1);
  });

  it('is refused with other fields', async () => {
    const { post } = batchesRig();
    await post(BODY, KEY);
    const other = await errorOf(post({ ...BODY, completion_window: '1h' }, KEY));
    expect(other).toMatchObject({
      status: 400,
      param: 'Idempotency-Key',
      code: 'idempotency_key_reused',
    });
  });

  it('makes another Batch under another key, for another tenant, and after a day', async () => {
    const { post, clock } = batchesRig();
    const first = await idOf(post(BODY, KEY));
    const others = [
      await idOf(post(BODY, { 'Idempotency-Key': 'k2' })),
      await idOf(post(BODY, KEY, 'other')),
    ];
    clock.advance(24 * 3_600_000);
    expect(new Set([first, ...others, await idOf(post(BODY, KEY))]).size).toBe(4);
  });
});

describe('a create that an SDK sends again by itself', () => {
  it('answers the Batch of the first try', async () => {
    const { post, clock, executions } = batchesRig();
    const first = await idOf(post({ ...BODY, metadata: { a: '1', b: '2' } }, triedBefore(0)));
    clock.advance(9 * 60_000);
    const body = { ...BODY, metadata: { b: '2', a: '1' } };
    expect(await idOf(post(body, triedBefore(1)))).toBe(first);
    expect(await idOf(post(body, triedBefore(2)))).toBe(first);
    expect(executions.all()).toHaveLength(1);
  });

  it('answers the Batch of the second try where the first did not arrive', async () => {
    const { post } = batchesRig();
    const second = await idOf(post(BODY, triedBefore(1)));
    expect(await idOf(post(BODY, triedBefore(2)))).toBe(second);
  });

  it('answers the Batch of its own first try, not of an equal create before', async () => {
    const { post } = batchesRig();
    const before = await idOf(post(BODY, triedBefore(0)));
    const first = await idOf(post(BODY, triedBefore(0)));
    expect(first).not.toBe(before);
    expect(await idOf(post(BODY, triedBefore(1)))).toBe(first);
  });

  it('makes a Batch where the tenant or the body is another, or ten minutes have gone by', async () => {
    const { post, clock } = batchesRig();
    const ids = [await idOf(post(BODY, triedBefore(0)))];
    ids.push(await idOf(post(BODY, triedBefore(1), 'other')));
    ids.push(await idOf(post({ ...BODY, completion_window: '1h' }, triedBefore(1))));
    clock.advance(10 * 60_000);
    ids.push(await idOf(post(BODY, triedBefore(1))));
    expect(new Set(ids).size).toBe(4);
  });

  it('reaches one Batch with the retries of the real SDK', async () => {
    const rig = batchesRig();
    let lost = 1;
    const client = rig.clientOf('acme').withOptions({
      maxRetries: 2,
      fetch: async (url, init) => {
        const answer = await rig.call(new URL(String(url)).pathname.slice('/v1'.length), init);
        return lost-- > 0 ? new Response('', { status: 503, headers: { 'retry-after-ms': '1' } }) : answer;
      },
    });
    const { id } = await client.batches.create(BODY);
    const list = await rig.clientOf('acme').batches.list();
    expect(list.data.map((batch) => batch.id)).toEqual([id]);
  });

  it('has no hold on a caller that names no tries', async () => {
    const { post } = batchesRig();
    const first = await idOf(post(BODY));
    expect(await idOf(post(BODY))).not.toBe(first);
  });
});
