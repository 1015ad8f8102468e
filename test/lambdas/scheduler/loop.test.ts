import { describe, expect, it } from 'vitest';
import { DEFINITION_VERSION } from '../../../core/batch/batch.ts';
import { recordKeys } from '../../../core/keys.ts';
import { tellFleetOfSettled, wakeFleet } from '../../../core/protocol/wake-fleet.ts';
import { put } from '../../../core/records.ts';
import { actScheduler } from '../../../lambdas/scheduler-act/handler.ts';
import { continueScheduler } from '../../../lambdas/scheduler-continue/handler.ts';
import { planScheduler } from '../../../lambdas/scheduler-plan/handler.ts';
import { stopScheduler } from '../../../lambdas/scheduler-stop/handler.ts';
import { waitScheduler } from '../../../lambdas/scheduler-wait/handler.ts';
import { batchId, fleetId, fleets, gpuClasses, running, tenant } from './running-loop.ts';

describe('one turn of the loop', () => {
  it('starts Tasks and dispatches their first Shards', async () => {
    const loop = await running();
    const plan = await loop.plan();
    await loop.act({ ...loop.input, plan });
    const started = [...loop.tasks.all.values()];
    expect(started.length).toBeGreaterThan(0);
    expect(started.every(({ capacity }) => capacity === 'spot')).toBe(true);
    expect(loop.dispatches.waiting(fleetId)).toHaveLength(Math.min(12, started.length * 2));
  });

  it('starts no Task and dispatches no Shard a second time when Act runs twice', async () => {
    const loop = await running();
    const plan = await loop.plan();
    await loop.act({ ...loop.input, plan });
    const before = [loop.tasks.all.size, loop.dispatches.waiting(fleetId).length];
    loop.advance(1);
    await loop.act({ ...loop.input, plan });
    expect([loop.tasks.all.size, loop.dispatches.waiting(fleetId).length]).toEqual(before);
  });

  it('dispatches, and starts what it can, where ECS refuses a Task', async () => {
    const loop = await running();
    const plan = await loop.plan();
    const { run } = loop.tasks;
    const refuse = actScheduler({
      ...loop,
      tasks: {
        ...loop.tasks,
        run: (fleet, each) => (each.capacity === 'spot' ? Promise.reject(new Error('no')) : run(fleet, each)),
      },
    });
    const runs = [...plan.runs, { capacity: 'on-demand' as const, count: 1, token: 'other' }];
    expect(await refuse({ ...loop.input, plan: { ...plan, runs } })).toMatchObject({
      wakeSeqSeen: plan.wakeSeqSeen,
    });
    expect([...loop.tasks.all.values()].map(({ capacity }) => capacity)).toEqual(['on-demand']);
    expect(loop.dispatches.waiting(fleetId).length).toBeGreaterThan(0);
  });

  it('asks for nothing more while its Tasks start', async () => {
    const loop = await running();
    await loop.act({ ...loop.input, plan: await loop.plan() });
    expect(await loop.plan(1)).toMatchObject({ runs: [], dispatches: [] });
  });

  it('leaves a summary for those who ask why a Batch waits', async () => {
    const loop = await running();
    const { runs } = await loop.plan();
    expect(loop.records.peek(recordKeys.fleetSummary(fleetId))).toMatchObject({
      spot: { starting: runs[0]?.count, running: 0 },
      order: [batchId],
    });
  });

  it('tells of a quota that lets no instance start', async () => {
    const loop = await running();
    const trouble = { fleetId, capacity: 'spot', reason: 'quota', atMs: loop.clock.nowMs() } as const;
    await loop.records.change(recordKeys.launchTrouble(fleetId, 'spot'), () => put(trouble, undefined));
    await loop.plan();
    expect(loop.records.peek(recordKeys.fleetSummary(fleetId))).toMatchObject({ quotaIsZero: true });
  });

  it('ends the Lease of a Task that has stopped, so that its Shard is dispatched anew', async () => {
    const loop = await running({ shards: 1 });
    const key = recordKeys.shard({ tenant, batchId, number: 0 });
    await loop.records.change(key, (shard) =>
      put(
        {
          ...(shard as NonNullable<typeof shard>),
          fence: 1,
          dispatchSeq: 1,
          dispatchedAtMs: 0,
          lease: { owner: 'arn:gone', nonce: 'n', leaseUntilMs: loop.clock.nowMs() + 60_000 },
        },
        undefined,
      ),
    );
    const plan = await loop.plan();
    expect(loop.records.peek(key)?.lease).toBeNull();
    expect(plan.dispatches).toEqual([expect.objectContaining({ seenSeq: 1 })]);
  });
});

describe('what a plan shows', () => {
  it('says Slack, open work and Tasks of its Fleet, each turn once', async () => {
    const loop = await running();
    const { runs } = await loop.plan();
    expect(loop.emitted.map(({ dimensions }) => dimensions)).toEqual([
      { fleet: fleetId },
      { fleet: fleetId, capacity: 'spot' },
      { fleet: fleetId, capacity: 'on-demand' },
    ]);
    const [ofFleet, ofSpot] = loop.emitted.map(({ values }) => values);
    expect(ofFleet).toMatchObject({ OpenBatches: 1, OpenShards: 12, AtRiskBatches: 0 });
    expect(ofFleet?.SlackSeconds).toBeGreaterThan(0);
    expect(ofSpot).toMatchObject({ TasksStarting: runs[0]?.count, TasksRunning: 0, EstimatedUsd: 0 });
  });

  it('counts what the Tasks have cost since the plan before, and nothing for a loop that was stopped', async () => {
    const loop = await running();
    await loop.act({ ...loop.input, plan: await loop.plan() });
    for (const [arn, task] of loop.tasks.all) {
      loop.tasks.all.set(arn, { ...task, status: { kind: 'running' } });
    }
    const spent = () => loop.emitted.findLast(({ dimensions }) => dimensions?.capacity === 'spot')?.values;
    loop.advance(60_000);
    await loop.plan(1);
    const usdPerHour = gpuClasses.find(({ id }) => id === fleets[0]?.gpuClass)?.usdPerHour.spot ?? 0;
    expect(spent()?.EstimatedUsd).toBeCloseTo((loop.tasks.all.size * usdPerHour) / 60);
    loop.advance(86_400_000);
    await loop.plan(2);
    expect(spent()?.EstimatedUsd).toBe(0);
  });
});

describe('waiting and stopping', () => {
  it('waits until it is woken', async () => {
    const loop = await running();
    const { wakeSeqSeen, settlesUntilPlan } = await loop.plan();
    const wait = waitScheduler(loop.ports);
    const input = { ...loop.input, wakeSeqSeen, settlesUntilPlan, taskToken: 'token' };
    expect(await wait(input)).toEqual({ kind: 'waiting' });
    expect(loop.executions.tokens).toEqual([]);
    await wakeFleet(loop.ports, fleetId);
    expect(loop.executions.tokens).toEqual(['token']);
  });

  it('sleeps while Shards settle, until each Task may have settled one', async () => {
    const loop = await running();
    const plan = await loop.plan();
    const { wakeSeqSeen, settlesUntilPlan } = await loop.act({ ...loop.input, plan });
    const tasks = loop.tasks.all.size;
    await waitScheduler(loop.ports)({ ...loop.input, wakeSeqSeen, settlesUntilPlan, taskToken: 'token' });
    for (let settled = 1; settled < tasks; settled++) await tellFleetOfSettled(loop.ports, fleetId);
    expect(tasks).toBeGreaterThan(1);
    expect(loop.executions.tokens).toEqual([]);
    await tellFleetOfSettled(loop.ports, fleetId);
    expect(loop.executions.tokens).toEqual(['token']);
  });

  it('does not sleep over what came between plan and wait', async () => {
    const loop = await running();
    const { wakeSeqSeen, settlesUntilPlan } = await loop.plan();
    await wakeFleet(loop.ports, fleetId);
    await waitScheduler(loop.ports)({ ...loop.input, wakeSeqSeen, settlesUntilPlan, taskToken: 'token' });
    expect(loop.executions.tokens).toEqual(['token']);
  });

  it('stops without open work, but not if a Batch has enrolled since', async () => {
    const loop = await running({ shards: 0 });
    const { kind, wakeSeqSeen } = await loop.plan();
    expect(kind).toBe('stop');
    const stop = stopScheduler(loop.ports);
    await wakeFleet(loop.ports, fleetId);
    expect(await stop({ ...loop.input, wakeSeqSeen })).toEqual({ kind: 'more-work' });
    const again = await loop.plan(1);
    expect(await stop({ ...loop.input, wakeSeqSeen: again.wakeSeqSeen })).toEqual({ kind: 'stopped' });
    await wakeFleet(loop.ports, fleetId);
    expect(loop.executions.all().map(({ name }) => name)).toEqual(['qwen3-8b-1', 'qwen3-8b-2']);
  });
});

describe('generations', () => {
  it('continues as new before the history is full, and the old one then does nothing', async () => {
    const loop = await running();
    expect((await loop.plan(1_000)).kind).toBe('continue-as-new');
    expect(await continueScheduler(loop.ports)(loop.input)).toEqual({ kind: 'running' });
    expect(await loop.plan()).toMatchObject({ kind: 'superseded', runs: [], dispatches: [] });
  });

  it('continues as new when its definition is of another version', async () => {
    const loop = await running();
    const input = { ...loop.input, definitionVersion: DEFINITION_VERSION + 1, iteration: 0 };
    expect((await planScheduler(loop)(input)).kind).toBe('continue-as-new');
  });
});
