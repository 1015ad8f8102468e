import { describe, expect, it } from 'vitest';
import type { FleetTask } from '../../../core/fleet/task.ts';
import type { BatchId, TenantId } from '../../../core/ids.ts';
import { newShard, type Shard } from '../../../core/protocol/shard.ts';
import { endedLeases } from '../../../core/scheduling/ended-leases.ts';
import { type PlanFacts, type PlannedBatch, planFleet } from '../../../core/scheduling/plan.ts';
import { remainingMs, tokensPerSecond } from '../../../core/scheduling/work.ts';
import { sampleFleet } from '../../fakes/fleet.ts';

const minutes = (n: number): number => n * 60_000;
const tenant = 'acme' as TenantId;

const fleet = sampleFleet({
  ...{ id: 'qwen', model: 'qwen' },
  startMs: minutes(10),
  maxTasks: { spot: 8, onDemand: 3 },
});

/** Ten minutes of work at the prior. */
const shard = (number: number, changes: Partial<Shard> = {}): Shard => ({
  ...newShard(
    { tenant, batchId: 'batch_a' as BatchId, number },
    {
      objectKey: `shard-${number}`,
      endpoint: '/v1/chat/completions',
      model: 'qwen',
      lines: 8,
      estimatedTokens: 600_000,
    },
  ),
  ...changes,
});

const batch = (id: string, deadlineMs: number, shards: readonly Shard[]): PlannedBatch => ({
  tenant,
  id: id as BatchId,
  deadlineMs,
  createdAtMs: 0,
  paused: false,
  shards: shards.map((each) => ({ ...each, batchId: id as BatchId })),
});

const many = (count: number): readonly Shard[] => Array.from({ length: count }, (_, i) => shard(i));

const facts = (changes: Partial<PlanFacts> = {}): PlanFacts => ({
  nowMs: 0,
  fleet,
  waitsMs: [minutes(5), minutes(1), 15_000],
  batches: [batch('batch_a', minutes(1440), many(20))],
  tasks: [],
  launchTroubles: [],
  ...changes,
});

const task = (n: number, capacity: FleetTask['capacity'], kind: 'running' | 'starting'): FleetTask => ({
  arn: `${capacity}-${n}`,
  capacity,
  createdAtMs: n,
  status: { kind },
});

describe('planFleet', () => {
  it('starts spot Tasks enough to drain the work in time, and no on-demand ones while there is slack', () => {
    // 200 Task minutes of work, 50 useful minutes a Task.
    expect(planFleet(facts()).runs).toEqual([{ capacity: 'spot', count: 4 }]);
  });

  it('starts no more Tasks than there are open Shards', () => {
    expect(planFleet(facts({ batches: [batch('b', minutes(1440), many(2))] })).runs).toEqual([
      { capacity: 'spot', count: 1 },
    ]);
  });

  it('counts what runs and starts already', () => {
    const tasks = [task(1, 'spot', 'running'), task(2, 'spot', 'starting')];
    expect(planFleet(facts({ tasks })).runs).toEqual([{ capacity: 'spot', count: 2 }]);
  });

  it('escalates when the Deadline would not survive the death of all spot', () => {
    const tasks = Array.from({ length: 8 }, (_, i) => task(i, 'spot', 'running'));
    const plan = planFleet(facts({ tasks, batches: [batch('b', minutes(85), many(20))] }));
    expect(plan.runs.map(({ capacity }) => capacity)).toEqual(['on-demand']);
    expect(plan.targets.onDemand).toBeGreaterThan(0);
  });

  it('stops on-demand Tasks that no Deadline needs any more, those still starting first', () => {
    const tasks = [task(1, 'on-demand', 'running'), task(2, 'on-demand', 'starting')];
    expect(planFleet(facts({ tasks })).stops).toEqual(['on-demand-2', 'on-demand-1']);
  });

  it('dispatches twice what the Tasks take, earliest Deadline first', () => {
    const late = batch('late', minutes(2000), many(10));
    const soon = batch('soon', minutes(1440), many(3));
    const plan = planFleet(facts({ batches: [late, soon], tasks: [] }));
    const tasks = plan.runs.reduce((sum, { count }) => sum + count, 0);
    expect(plan.dispatches).toHaveLength(2 * tasks);
    expect(plan.dispatches.slice(0, 4).map((each) => each.shard.batchId)).toEqual([
      'soon',
      'soon',
      'soon',
      'late',
    ]);
  });

  it('does not dispatch again what waits in the queue or is leased', () => {
    const waiting = shard(0, { dispatchSeq: 1, dispatchedAtMs: -minutes(1) });
    const leased = shard(1, { lease: { owner: 'x', nonce: 'n', leaseUntilMs: minutes(1) } });
    const forgotten = shard(2, { dispatchSeq: 3, dispatchedAtMs: -minutes(6) });
    const plan = planFleet(facts({ batches: [batch('b', minutes(1440), [waiting, leased, forgotten])] }));
    expect(plan.dispatches).toEqual([expect.objectContaining({ seenSeq: 3 })]);
  });

  it('runs nothing for a paused Batch, and goes on watching it', () => {
    const paused = { ...batch('b', minutes(1440), many(5)), paused: true };
    const plan = planFleet(facts({ batches: [paused] }));
    expect(plan).toMatchObject({ runs: [], dispatches: [] });
    expect(plan.kind).not.toBe('stop');
  });

  it('stops the loop when no Shard is open', () => {
    const settled = many(3).map((each) => ({ ...each, state: 'settled' as const }));
    expect(planFleet(facts({ batches: [batch('b', minutes(1440), settled)] })).kind).toBe('stop');
  });

  it('starts no more Tasks while they keep failing', () => {
    const failed = Array.from(
      { length: 5 },
      (_, i): FleetTask => ({
        ...task(i, 'spot', 'running'),
        status: { kind: 'stopped', atMs: -1000, end: 'failed' },
      }),
    );
    const brakes = [{ capacity: 'spot', failures: 5, untilMs: minutes(10) - 1000 }];
    expect(planFleet(facts({ tasks: failed }))).toMatchObject({ runs: [], brakes });
    // Without work there is nothing that a brake would hold back.
    expect(planFleet(facts({ tasks: failed, batches: [] })).brakes).toEqual([]);
  });

  it('never reports Interruptions as failures', () => {
    const interrupted = Array.from(
      { length: 50 },
      (_, i): FleetTask => ({
        ...task(i, 'spot', 'running'),
        status: { kind: 'stopped', atMs: -1000, end: 'interrupted' },
      }),
    );
    expect(planFleet(facts({ tasks: interrupted })).brakes).toEqual([]);
  });

  it('goes on with on-demand where spot Tasks keep failing', () => {
    const failed = Array.from(
      { length: 5 },
      (_, i): FleetTask => ({
        ...task(i, 'spot', 'running'),
        status: { kind: 'stopped', atMs: -1000, end: 'failed' },
      }),
    );
    const plan = planFleet(facts({ tasks: failed, batches: [batch('b', minutes(85), many(20))] }));
    expect(plan.runs.map(({ capacity }) => capacity)).toEqual(['on-demand']);
  });
});

describe('work', () => {
  it('replaces the prior by what the Shards show', () => {
    const slow = shard(0, {
      finished: Buffer.from([0xff]).toString('base64'),
      pastLeaseMs: { spot: minutes(100), onDemand: 0 },
    });
    expect(tokensPerSecond(fleet, [])).toBe(1000);
    expect(tokensPerSecond(fleet, [slow])).toBeLessThan(130);
  });

  it('counts the lines that are not Finished', () => {
    expect(remainingMs(shard(0), 1000)).toBe(minutes(10));
    expect(remainingMs(shard(0, { finished: Buffer.from([0x0f]).toString('base64') }), 1000)).toBe(
      minutes(5),
    );
    expect(remainingMs(shard(0, { state: 'settled' }), 1000)).toBe(0);
  });
});

describe('endedLeases', () => {
  const held = shard(0, { fence: 3, lease: { owner: 'spot-1', nonce: 'n', leaseUntilMs: 1 } });
  const stopped = (end: 'interrupted' | 'ended' | 'failed'): FleetTask => ({
    ...task(1, 'spot', 'running'),
    status: { kind: 'stopped', atMs: 0, end },
  });

  it.each([
    ['a Task that failed, as a death', [stopped('failed')], false, [true]],
    ['a Task that was interrupted, as no death', [stopped('interrupted')], false, [false]],
    ['a Task that ECS knows no more', [], false, [false]],
    ['a running Task of a paused Batch', [task(1, 'spot', 'running')], true, [false]],
  ] as const)('ends the Lease of %s', (_, tasks, paused, died) => {
    expect(endedLeases([held], { tasks, paused }).map((each) => each.died)).toEqual(died);
  });

  it('leaves a running Task its Lease', () => {
    expect(endedLeases([held], { tasks: [task(1, 'spot', 'running')], paused: false })).toEqual([]);
  });
});
