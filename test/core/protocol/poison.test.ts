import { describe, expect, test } from 'vitest';
import { expireLease, isolate, poisonedLines, runsIsolated } from '../../../core/protocol/poison.ts';
import type { EngineDeath } from '../../../core/protocol/shard.ts';
import { leaseOf, shardOf, written } from './samples.ts';

const together = (fence: number): EngineDeath => ({ fence, engineStart: 1 });
const alone = (fence: number, isolatedIndex: number): EngineDeath => ({
  fence,
  engineStart: 1,
  isolatedIndex,
});

test.each<[string, readonly EngineDeath[], boolean, readonly number[]]>([
  ['no death', [], false, []],
  ['one death', [together(1)], false, []],
  ['two deaths', [together(1), together(2)], true, []],
  ['a third one alone', [together(1), together(2), alone(3, 2)], true, [2]],
  ['a third one that was not alone', [together(1), together(2), together(3)], true, []],
  ['a fourth one by another line', [together(1), together(2), alone(3, 2), alone(4, 0)], true, [2, 0]],
  ['the same line twice', [together(1), together(2), alone(3, 2), alone(4, 2)], true, [2]],
])('%s', (_what, deaths, isolated, lines) => {
  expect(runsIsolated(deaths)).toBe(isolated);
  expect(poisonedLines(deaths)).toEqual(lines);
});

describe('the Lease of a Task that has stopped', () => {
  const holder = { owner: 'task-1', fence: 5 };
  const leased = shardOf({ fence: 5, lease: leaseOf(99) });

  test('an Interruption is no death', () => {
    expect(written(leased, expireLease(leased, holder, false))).toMatchObject({ lease: null, deaths: [] });
  });

  test('a death names the line that ran alone under this fence', () => {
    const running = { ...leased, isolated: { fence: 5, index: 3, engineStart: 2 } };
    const expired = written(running, expireLease(running, holder, true));
    expect(expired.deaths).toEqual([{ fence: 5, engineStart: 2, isolatedIndex: 3 }]);
    expect(expireLease(expired, holder, true)).toEqual({ kind: 'keep', result: 'not-held' });
  });

  test('a line that ran alone under an older fence is not blamed', () => {
    const running = { ...leased, isolated: { fence: 4, index: 3, engineStart: 2 } };
    expect(written(running, expireLease(running, holder, true)).deaths).toEqual([
      { fence: 5, engineStart: 0 },
    ]);
  });

  test('another holder keeps its Lease', () => {
    expect(expireLease(leased, { ...holder, fence: 4 }, true)).toEqual({ kind: 'keep', result: 'not-held' });
  });

  test('only the holder records the line that runs alone', () => {
    expect(isolate(leased, holder, { index: 1, engineStart: 1 }).result).toBe('recorded');
    expect(isolate(leased, { ...holder, fence: 4 }, { index: 1, engineStart: 1 }).result).toBe('refused');
  });
});
