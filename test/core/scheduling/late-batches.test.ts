import { describe, expect, it } from 'vitest';
import type { Capacity, FleetTask } from '../../../core/fleet/task.ts';
import { type LateFacts, lateBatches } from '../../../core/scheduling/late-batches.ts';

const minutes = (n: number): number => n * 60_000;
const NOW_MS = minutes(1000);

const task = (capacity: Capacity, kind: 'running' | 'starting' | 'stopping', ageMs = 0): FleetTask => ({
  arn: `${capacity}-${kind}`,
  capacity,
  createdAtMs: NOW_MS - ageMs,
  status: { kind },
});

/** An hour of work in ten Shards, due in an hour; a Task starts within ten minutes. */
const work = (dueInMs: number, workMs = minutes(60), openShards = 10) => ({
  ...{ batchId: 'b', deadlineMs: NOW_MS + dueInMs, workMs, openShards },
});

const late = (changes: Partial<LateFacts>): number =>
  lateBatches({
    ...{ nowMs: NOW_MS, startMs: minutes(10), batches: [work(minutes(60))], tasks: [] },
    ...{ spotAsked: 0, onDemandQuota: 0, onDemandIsTroubled: false },
    ...changes,
  });

describe('a Batch is late', () => {
  it.each([
    ['nothing works on it', {}, 1],
    ['one running spot Task is just in time', { tasks: [task('spot', 'running')] }, 0],
    ['one that has just been asked for comes too late', { spotAsked: 1 }, 1],
    ['two that have just been asked for are in time', { spotAsked: 2 }, 0],
    [
      'one that is about to run is in time beside another',
      { tasks: [task('spot', 'starting')], spotAsked: 1 },
      0,
    ],
    [
      'one that starts for too long does not come',
      { tasks: [task('spot', 'starting', minutes(21))], spotAsked: 1 },
      1,
    ],
    ['one that stops works no more', { tasks: [task('spot', 'stopping')] }, 1],
    ['on-demand may be had', { onDemandQuota: 2 }, 0],
    ['EC2 refuses on-demand', { onDemandQuota: 2, onDemandIsTroubled: true }, 1],
    [
      'EC2 refuses more on-demand than runs',
      { tasks: [task('on-demand', 'running')], onDemandQuota: 2, onDemandIsTroubled: true },
      0,
    ],
  ] as const)('or not: %s', (_, changes, expected) => {
    expect(late(changes)).toBe(expected);
  });

  it('when its Shards are too few for the Tasks that there are', () => {
    const tasks = [task('spot', 'running'), task('spot', 'running')];
    const inHalfAnHour = (shards: number) =>
      late({ tasks, batches: [work(minutes(30), minutes(60), shards)] });
    expect([inHalfAnHour(2), inHalfAnHour(1)]).toEqual([0, 1]);
  });

  it('when those that are due before it take the time', () => {
    const tasks = [task('spot', 'running')];
    const batches = [work(minutes(60)), work(minutes(90)), work(minutes(180))];
    expect(late({ tasks, batches })).toBe(1);
  });

  it('never without open work', () => {
    expect(late({ batches: [work(-minutes(1), 0, 0)] })).toBe(0);
  });
});
