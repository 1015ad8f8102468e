import { describe, expect, test } from 'vitest';
import { bitsOf } from '../../../core/protocol/bitmap.ts';
import { applyReport, unionDeaths } from '../../../core/protocol/report.ts';
import { adopt, inOrder } from '../../../core/protocol/segments.ts';
import { leaseOf, reportOf, shardOf, written } from './samples.ts';

const leased = shardOf({ fence: 1, lease: leaseOf(99) });

describe('applyReport', () => {
  test('records what is Finished and makes lower fences final', () => {
    const shard = { ...leased, fence: 3 };
    const change = applyReport(shard, reportOf([0, 2], { fence: 3, segments: { 1: 2, 3: 1 } }));
    expect(change.result).toBe('recorded');
    expect(written(shard, change)).toMatchObject({
      state: 'open',
      finished: bitsOf([0, 2], 4),
      countsFinalBelow: 3,
      segments: { 1: 2, 3: 1 },
      reportSeq: 1,
    });
  });

  test('settles with the last line and ends the Lease', () => {
    const change = applyReport(leased, reportOf([0, 1, 2, 3]));
    expect(change.result).toBe('settled');
    expect(written(leased, change)).toMatchObject({ state: 'settled', lease: null });
  });

  test('still counts after a release, as long as nobody has claimed', () => {
    expect(applyReport({ ...leased, lease: null }, reportOf([1])).result).toBe('recorded');
  });

  test.each([
    ['an older fence', { ...leased, fence: 2 }],
    ['a sequence that was recorded', { ...leased, reportSeq: 1 }],
    ['a closed Shard', { ...leased, state: 'closed' as const }],
    ['no Shard', null],
  ])('is stale: %s', (_why, shard) => {
    expect(applyReport(shard, reportOf([0]))).toEqual({ kind: 'keep', result: 'stale' });
  });

  test('deaths are a set, with the isolated line if either side knows it', () => {
    const known = { fence: 2, engineStart: 1, isolatedIndex: 3 };
    expect(
      unionDeaths(
        [known],
        [
          { fence: 2, engineStart: 1 },
          { fence: 1, engineStart: 1 },
        ],
      ),
    ).toEqual([{ fence: 1, engineStart: 1 }, known]);
  });
});

describe('adopt', () => {
  test('takes the contiguous prefix of every fence', () => {
    const listed = [
      { fence: 1, number: 1 },
      { fence: 1, number: 2 },
      { fence: 2, number: 1 },
      { fence: 2, number: 3 },
    ];
    expect(adopt(shardOf({ fence: 3 }), listed)).toEqual({ 1: 2, 2: 1 });
  });

  test('keeps final counts, whatever a holder without a Lease has put since', () => {
    const shard = shardOf({ fence: 3, countsFinalBelow: 2, segments: { 1: 1, 2: 1 } });
    const listed = [1, 2, 3].map((number) => ({ fence: 1, number })).concat({ fence: 2, number: 1 });
    expect(adopt(shard, listed)).toEqual({ 1: 1, 2: 1 });
  });

  test('a first Segment after a final count of none is not taken', () => {
    const shard = shardOf({ fence: 3, countsFinalBelow: 2, segments: {} });
    expect(adopt(shard, [{ fence: 1, number: 1 }])).toEqual({});
  });

  test('orders by fence, then number, as numbers', () => {
    expect(inOrder({ 10: 1, 9: 2 })).toEqual([
      { fence: 9, number: 1 },
      { fence: 9, number: 2 },
      { fence: 10, number: 1 },
    ]);
  });
});
