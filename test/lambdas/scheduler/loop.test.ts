import { describe, expect, it } from 'vitest';
import { DEFINITION_VERSION } from '../../../core/batch/batch.ts';
import { waitingReason } from '../../../core/batch/waiting.ts';
import type { BatchId, FleetId, TenantId } from '../../../core/ids.ts';
import { recordKeys } from '../../../core/keys.ts';
import type { MetricDimensions, Metrics, MetricValues } from '../../../core/metrics.ts';
import { newShard } from '../../../core/protocol/shard.ts';
import { startLoop } from '../../../core/protocol/start-execution.ts';
import { tellFleetOfSettled, wakeFleet } from '../../../core/protocol/wake-fleet.ts';
import { put } from '../../../core/records.ts';
import type { Log } from '../../../lambdas/log.ts';
import { actScheduler } from '../../../lambdas/scheduler-act/handler.ts';
import { continueScheduler } from '../../../lambdas/scheduler-continue/handler.ts';
import { planScheduler } from '../../../lambdas/scheduler-plan/handler.ts';
import { stopScheduler } from '../../../lambdas/scheduler-stop/handler.ts';
import { waitScheduler } from '../../../lambdas/scheduler-wait/handler.ts';
import { readConfig } from '../../../lib/config.ts';
import { batchOf, shardOf } from '../../core/protocol/samples.ts';
import { memoryDispatches } from '../../fakes/dispatches.ts';
import { memoryExecutions } from '../../fakes/executions.ts';
import { memoryFleetTasks } from '../../fakes/fleet-tasks.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { CONFIG } from '../../lib/synthesized.ts';

const tenant = 'acme' as TenantId;
const batchId = 'batch_1' as BatchId;
const fleetId = 'qwen3-8b' as FleetId;
const { fleets, gpuClasses } = readConfig(CONFIG, 'dev').catalogue;

/** A loop in its first generation, with one enrolled Batch of some hours of work. */
async function running({ shards = 12, paused = false } = {}) {
  let nowMs = 1_000_000;
  const records = memoryRecords();
  const executions = memoryExecutions();
  const dispatches = memoryDispatches();
  const clock = { nowMs: () => nowMs };
  const tasks = memoryFleetTasks(clock.nowMs);
  const ports = { records, executions, clock };
  await records.change(recordKeys.batch(tenant, batchId), () =>
    put(
      {
        tenant,
        id: batchId,
        deadlineMs: nowMs + 86_400_000,
        createdAtMs: nowMs,
        paused,
        phase: { kind: 'enrolled' },
      } as never,
      undefined,
    ),
  );
  await records.change(recordKeys.fleetBatch(fleetId, tenant, batchId), () =>
    put({ tenant, batchId, fleetId }, undefined),
  );
  for (let number = 0; number < shards; number++) {
    const shard = newShard(
      { tenant, batchId, number },
      { objectKey: 'o', endpoint: '/v1/chat/completions', model: 'm', lines: 8, estimatedTokens: 900_000 },
    );
    await records.change(recordKeys.shard(shard), () => put(shard, undefined));
  }
  await startLoop(ports, fleetId, 0);
  const input = { fleetId, generation: 1, definitionVersion: DEFINITION_VERSION };
  const emitted: { readonly values: MetricValues; readonly dimensions: MetricDimensions | undefined }[] = [];
  const metrics: Metrics = { emit: (values, dimensions) => void emitted.push({ values, dimensions }) };
  const warnings: Parameters<Log>[] = [];
  const warn: Log = (...line) => void warnings.push(line);
  const quiet = { warn: () => undefined, log: () => undefined };
  const waitsMs = [300_000, 60_000, 15_000] as const;
  const deps = { ...ports, ...quiet, metrics, tasks, dispatches, fleets, gpuClasses, waitsMs };
  return {
    ...deps,
    ports,
    input,
    emitted,
    warnings,
    advance: (ms: number) => {
      nowMs += ms;
    },
    plan: (iteration = 0) => planScheduler({ ...deps, warn })({ ...input, iteration }),
    act: actScheduler(deps),
  };
}

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

describe('a Fleet whose Tasks all fail', () => {
  const fail = (loop: Awaited<ReturnType<typeof running>>) => {
    const status = { kind: 'stopped', atMs: loop.clock.nowMs(), end: 'failed' } as const;
    for (const [arn, task] of loop.tasks.all) loop.tasks.all.set(arn, { ...task, status });
  };
  const waitsFor = (loop: Awaited<ReturnType<typeof running>>) =>
    waitingReason({
      batch: batchOf({ id: batchId, phase: { kind: 'enrolled' } }),
      shards: [shardOf()],
      summary: loop.records.peek(recordKeys.fleetSummary(fleetId)) ?? null,
      nowMs: loop.clock.nowMs(),
    });

  it('tells its Batches so, and the log until when it is held back', async () => {
    const loop = await running();
    for (let number = 0; number < 5; number++) {
      const arn = `arn:${number}`;
      loop.tasks.all.set(arn, { arn, capacity: 'spot', createdAtMs: 0, status: { kind: 'starting' } });
    }
    fail(loop);
    const failedAtMs = loop.clock.nowMs();
    loop.advance(1000);
    expect((await loop.plan()).runs).toEqual([]);
    expect(waitsFor(loop)).toBe('tasks_fail');
    const until = new Date(failedAtMs + 600_000).toISOString();
    expect(loop.warnings).toEqual([
      [expect.stringContaining('failing'), { fleetId, capacity: 'spot', failures: 5, until }],
    ]);
    loop.advance(600_000);
    expect((await loop.plan(1)).runs).not.toEqual([]);
    expect(waitsFor(loop)).toBe('starting');
    expect(loop.warnings).toHaveLength(1);
  });

  it('tells its Batches so while it still starts others', async () => {
    const loop = await running({ shards: 2 });
    await loop.act({ ...loop.input, plan: await loop.plan() });
    expect(waitsFor(loop)).toBe('starting');
    fail(loop);
    expect((await loop.plan(1)).runs).not.toEqual([]);
    expect(waitsFor(loop)).toBe('tasks_fail');
    expect(loop.warnings).toEqual([]);
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
