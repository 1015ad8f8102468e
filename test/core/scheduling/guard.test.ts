import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fewestOnDemand, type GuardFacts, tightestSlackMs } from '../../../core/scheduling/guard.ts';

const minutes = (n: number): number => n * 60_000;

const facts = (changes: Partial<GuardFacts> = {}): GuardFacts => ({
  nowMs: 0,
  tickMs: minutes(5),
  startMs: minutes(10),
  batches: [{ batchId: 'a', deadlineMs: minutes(600), workMs: minutes(100), openShards: 20 }],
  running: 0,
  quota: 4,
  ...changes,
});

describe('fewestOnDemand', () => {
  it('holds none while the whole quota, started at the next tick, would still be in time', () => {
    expect(fewestOnDemand(facts())).toBe(0);
  });

  it('holds none without open work, however late it is', () => {
    const batches = [{ batchId: 'a', deadlineMs: 0, workMs: 0, openShards: 0 }];
    expect(fewestOnDemand(facts({ batches }))).toBe(0);
  });

  it('holds the whole quota where even that is too little', () => {
    const batches = [{ batchId: 'a', deadlineMs: minutes(20), workMs: minutes(1000), openShards: 20 }];
    expect(fewestOnDemand(facts({ batches }))).toBe(4);
  });

  it('counts the work of earlier Deadlines against later ones', () => {
    const first = { batchId: 'a', deadlineMs: minutes(90), workMs: minutes(300), openShards: 20 };
    const second = { batchId: 'b', deadlineMs: minutes(91), workMs: minutes(10), openShards: 2 };
    const alone = fewestOnDemand(facts({ batches: [second] }));
    expect(fewestOnDemand(facts({ batches: [first, second] }))).toBeGreaterThan(alone);
  });

  it('does not count on Tasks that would have no Shard to work on', () => {
    const one = { batchId: 'a', deadlineMs: minutes(110), workMs: minutes(90), openShards: 1 };
    expect(fewestOnDemand(facts({ batches: [one] }))).toBeGreaterThan(0);
  });

  it('never needs fewer Tasks when it is later and nothing was done since', () => {
    const times = fc.record({
      deadline: fc.integer({ min: 1, max: 600 }),
      work: fc.integer({ min: 1, max: 900 }),
      now: fc.integer({ min: 0, max: 300 }),
      later: fc.integer({ min: 0, max: 300 }),
    });
    fc.assert(
      fc.property(times, ({ deadline, work, now, later }) => {
        const batches = [
          { batchId: 'a', deadlineMs: minutes(deadline), workMs: minutes(work), openShards: 50 },
        ];
        const before = fewestOnDemand(facts({ batches, nowMs: minutes(now) }));
        const after = fewestOnDemand(facts({ batches, nowMs: minutes(now + later) }));
        expect(after).toBeGreaterThanOrEqual(before);
      }),
    );
  });

  it('keeps a feasible Deadline when all spot dies at any tick', () => {
    const start = fc.record({
      work: fc.integer({ min: 10, max: 1500 }),
      deadline: fc.integer({ min: 60, max: 900 }),
      spot: fc.integer({ min: 0, max: 6 }),
      spotDiesAtTick: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(start, ({ work, deadline, spot, spotDiesAtTick }) => {
        fc.pre(4 * (deadline - 15) > work * 1.2);
        expect(finishesAt({ work, deadline, spot, spotDiesAtTick })).toBeLessThanOrEqual(deadline);
      }),
      { numRuns: 500 },
    );
  });
});

/** Plays the guard tick by tick (5 minutes, start-up 10): when the work ends, in minutes. */
function finishesAt(world: { work: number; deadline: number; spot: number; spotDiesAtTick: number }): number {
  let left = world.work;
  const readyAt: number[] = [];
  for (let tick = 0; tick < 400; tick++) {
    const now = tick * 5;
    const batches = [
      { batchId: 'a', deadlineMs: minutes(world.deadline), workMs: minutes(left), openShards: 1000 },
    ];
    const running = readyAt.filter((at) => at <= now).length;
    const wanted = fewestOnDemand(facts({ nowMs: minutes(now), batches, running }));
    while (readyAt.length < wanted) readyAt.push(now + 10);
    const spot = tick < world.spotDiesAtTick ? world.spot : 0;
    for (let minute = now; minute < now + 5; minute++) {
      left -= spot + readyAt.filter((at) => at <= minute).length;
      if (left <= 0) return minute + 1;
    }
  }
  return Number.POSITIVE_INFINITY;
}

describe('tightestSlackMs', () => {
  it('is null without open work and negative when it is too late', () => {
    const none = [{ batchId: 'a', deadlineMs: minutes(60), workMs: 0, openShards: 0 }];
    const late = [{ batchId: 'a', deadlineMs: minutes(60), workMs: minutes(600), openShards: 9 }];
    expect(tightestSlackMs(facts({ batches: none }))).toBeNull();
    expect(tightestSlackMs(facts({ batches: late }))).toBe(minutes(60 - 10 - 150));
  });
});
