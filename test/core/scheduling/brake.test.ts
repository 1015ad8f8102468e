import { expect, it } from 'vitest';
import type { Capacity, FleetTask, TaskEnd } from '../../../core/fleet/task.ts';
import { brakesOf, lastTaskFailed } from '../../../core/scheduling/brake.ts';

const NOW_MS = 10_000_000;
const MEMORY_MS = 600_000;

const ended = (end: TaskEnd, agoMs: number, capacity: Capacity = 'spot'): FleetTask => ({
  ...{ arn: `arn:${agoMs}`, capacity, createdAtMs: 0 },
  status: { kind: 'stopped', atMs: NOW_MS - agoMs, end },
});
const starting: FleetTask = { arn: 'arn', capacity: 'spot', createdAtMs: 0, status: { kind: 'starting' } };
const failed = (...agoMs: readonly number[]) => agoMs.map((each) => ended('failed', each));

it('lets go when so few failures are left within ten minutes that Tasks are worth another try', () => {
  // Seven failures: the three oldest have to be forgotten.
  const tasks = failed(500_000, 100_000, 400_000, 1000, 300_000, 2000, 200_000);
  const untilMs = NOW_MS - 300_000 + MEMORY_MS;
  expect(brakesOf(tasks, NOW_MS)).toEqual([{ capacity: 'spot', failures: 7, untilMs }]);
  expect(brakesOf(tasks, untilMs - 1)).toMatchObject([{ failures: 5 }]);
  expect(brakesOf(tasks, untilMs)).toEqual([]);
});

it('counts each capacity by itself, and no other ends', () => {
  const four = failed(1, 2, 3, 4);
  expect(brakesOf([...four, ended('failed', 5, 'on-demand'), starting], NOW_MS)).toEqual([]);
  expect(brakesOf([...four, ended('interrupted', 5), ended('ended', 6)], NOW_MS)).toEqual([]);
});

it.each([
  ['the last of several', [ended('ended', 20), ended('failed', 10), starting], true],
  ['one before an end that was asked for', [ended('failed', 20), ended('ended', 10)], false],
  ['one of long ago', [ended('failed', MEMORY_MS)], false],
  ['none', [starting], false],
])('tells whether the Task that ended last has failed: %s', (_, tasks, says) => {
  expect(lastTaskFailed(tasks, NOW_MS)).toBe(says);
});
