import { describe, expect, test } from 'vitest';
import {
  claim,
  closeShard,
  dispatch,
  isDispatchable,
  raiseFence,
  release,
  releaseClaim,
  renew,
} from '../../../core/protocol/lease.ts';
import { leaseOf, shardOf, written } from './samples.ts';

const NOW_MS = 1_000_000;
const request = { dispatchSeq: 3, owner: 'task-1', nonce: 'nonce-1', nowMs: NOW_MS, leaseMs: 60_000 };
const open = shardOf({ dispatchSeq: 3, fence: 4, reportSeq: 9 });
const holder = { owner: 'task-1', fence: 4 };

describe('claim', () => {
  test('raises the fence, sets the Lease and starts the report sequence anew', () => {
    const claimed = written(open, claim(open, request));
    expect(claimed).toMatchObject({ fence: 5, reportSeq: 0, attempts: 1 });
    expect(claimed.lease).toEqual({ owner: 'task-1', nonce: 'nonce-1', leaseUntilMs: NOW_MS + 60_000 });
  });

  test('finds its own claim again after a lost answer, without raising the fence', () => {
    const claimed = written(open, claim(open, request));
    expect(claim(claimed, { ...request, nowMs: NOW_MS + 500 })).toEqual({
      kind: 'keep',
      result: { kind: 'claimed', shard: claimed },
    });
  });

  test.each([
    ['gone', null],
    ['not-open', { ...open, state: 'closed' as const }],
    ['not-open', { ...open, state: 'settled' as const }],
    ['stale-hint', { ...open, dispatchSeq: 4 }],
    ['leased', { ...open, lease: { ...leaseOf(NOW_MS - 30_000), nonce: 'other' } }],
  ])('is refused: %s', (why, shard) => {
    expect(claim(shard, request)).toEqual({ kind: 'keep', result: { kind: 'refused', why } });
  });

  test('takes a Lease that ran out longer than the grace ago', () => {
    const expired = { ...open, lease: { ...leaseOf(NOW_MS - 30_001, 'task-0'), nonce: 'other' } };
    expect(written(expired, claim(expired, request)).lease?.owner).toBe('task-1');
  });
});

describe('renewal', () => {
  const leased = { ...open, lease: leaseOf(NOW_MS) };

  test('extends the Lease and tells the report that the record holds', () => {
    const change = renew(leased, holder, { nowMs: NOW_MS, leaseMs: 60_000 });
    expect(change.result).toEqual({ kind: 'renewed', reportSeq: 9, state: 'open' });
    expect(written(leased, change).lease?.leaseUntilMs).toBe(NOW_MS + 60_000);
  });

  test.each([
    ['another fence', { ...leased, fence: 5 }],
    ['another owner', { ...leased, lease: leaseOf(NOW_MS, 'task-2') }],
    ['no Lease', { ...leased, lease: null }],
    ['a closed Shard', { ...leased, state: 'closed' as const }],
    ['no Shard', null],
  ])('is refused: %s', (_why, shard) => {
    expect(renew(shard, holder, { nowMs: NOW_MS, leaseMs: 60_000 }).result).toEqual({ kind: 'refused' });
  });

  test('a release ends the Lease and leaves the fence, so that reports on their way still count', () => {
    expect(written(leased, release(leased, holder))).toMatchObject({ lease: null, fence: 4 });
    expect(release(leased, { ...holder, fence: 3 })).toEqual({ kind: 'keep', result: 'not-held' });
  });

  test('a claim is released by its nonce, and only its own Lease is', () => {
    const claimed = written(open, claim(open, request));
    expect(written(claimed, releaseClaim(claimed, 'nonce-1'))).toEqual({ ...claimed, lease: null });
    for (const shard of [claimed, open, null]) {
      expect(releaseClaim(shard, 'nonce-2')).toEqual({ kind: 'keep', result: 'not-held' });
    }
  });
});

describe('dispatch', () => {
  const at = { seenSeq: 3, nowMs: NOW_MS, minAgeMs: 60_000 };

  test('makes the next hint, and the same one when it runs again', () => {
    const dispatched = written(open, dispatch(open, at));
    expect(dispatched).toMatchObject({ dispatchSeq: 4, dispatchedAtMs: NOW_MS });
    expect(dispatch(dispatched, at)).toEqual({
      kind: 'keep',
      result: { kind: 'dispatched', dispatchSeq: 4 },
    });
  });

  test.each([
    ['leased', { ...open, lease: leaseOf(NOW_MS - 30_000) }],
    ['dispatched within the minimum age', { ...open, dispatchedAtMs: NOW_MS - 59_999 }],
    ['settled', { ...open, state: 'settled' as const }],
  ])('leaves what is %s', (_why, shard) => {
    expect(isDispatchable(shard, at)).toBe(false);
    expect(dispatch(shard, at).result).toEqual({ kind: 'refused' });
  });
});

describe('raiseFence', () => {
  const taken = shardOf({ fence: 2, lease: leaseOf(NOW_MS) });

  test('goes above the fence in use and keeps the Lease; applied again, it does nothing', () => {
    const raised = written(taken, raiseFence(taken, taken, 7));
    expect(raised).toEqual({ ...taken, fence: 8 });
    expect(raiseFence(raised, taken, 7)).toEqual({ kind: 'keep', result: raised });
  });

  test.each([
    ['gone', null],
    ['claimed by another', shardOf({ fence: 3, lease: { ...leaseOf(NOW_MS), nonce: 'nonce-2' } })],
    ['released', shardOf({ fence: 2 })],
    ['closed', shardOf({ fence: 3, state: 'closed' })],
  ])('leaves a Shard that is %s', (_, current) => {
    expect(raiseFence(current, taken, 7)).toEqual({ kind: 'keep', result: null });
  });

  test('lets a closer raise the fence of what it has closed', () => {
    const closed = shardOf({ fence: 2, state: 'closed' });
    expect(written(closed, raiseFence(closed, closed, 7)).fence).toBe(8);
  });
});

describe('closeShard', () => {
  test('raises the fence and takes the Lease, once', () => {
    const leased = { ...open, lease: leaseOf(NOW_MS) };
    const closed = written(leased, closeShard(leased, shardOf()));
    expect(closed).toMatchObject({ state: 'closed', fence: 5, lease: null });
    expect(closeShard(closed, shardOf())).toEqual({ kind: 'keep', result: closed });
  });

  test('puts a closed Shard where enrol has put none yet', () => {
    expect(closeShard(null, shardOf())).toMatchObject({ kind: 'put', record: { state: 'closed', fence: 1 } });
  });
});
