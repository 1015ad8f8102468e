import { expect, test } from 'vitest';
import { recordKeys } from '../../../core/keys.ts';
import { newLoop } from '../../../core/protocol/loop.ts';
import { recordReport } from '../../../core/protocol/record-report.ts';
import { put } from '../../../core/records.ts';
import { memoryExecutions } from '../../fakes/executions.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { BATCH, batchOf, FLEET, PLAN_SUMMARY, reportOf, SHARD_ID, shardOf, TENANT } from './samples.ts';

/** An enrolled Batch of two Shards, of which the first is leased; its lifecycle and its Fleet's loop wait. */
async function twoShards({ settlesUntilPlan = 2 } = {}) {
  const records = memoryRecords();
  const executions = memoryExecutions();
  const phase = { kind: 'enrolled' } as const;
  const batch = batchOf({ phase, plan: { ...PLAN_SUMMARY, shards: 2 }, waiter: 'lifecycle' });
  await records.change(recordKeys.batch(TENANT, BATCH), () => put(batch, undefined));
  for (const number of [0, 1]) {
    const shard = { ...shardOf({ fence: 1 }), number };
    await records.change(recordKeys.shard(shard), () => put(shard, undefined));
  }
  const loop = {
    ...newLoop(FLEET),
    state: 'running',
    generation: 1,
    waiter: 'loop',
    settlesUntilPlan,
  } as const;
  await records.change(recordKeys.loop(FLEET), () => put(loop, undefined));
  const ports = { records, executions, clock: { nowMs: () => 1000 } };
  const report = (number: number, finished: readonly number[], seq = 1) =>
    recordReport(ports, reportOf(finished, { shard: { ...SHARD_ID, number }, seq }));
  return { report, tokens: executions.tokens };
}

const ALL = [0, 1, 2, 3];

test('progress wakes nobody', async () => {
  const { report, tokens } = await twoShards({ settlesUntilPlan: 1 });
  expect(await report(0, [0, 1])).toBe('recorded');
  expect(tokens).toEqual([]);
});

test('a Shard that settles wakes its Fleet once as many have as the plan asked for', async () => {
  const patient = await twoShards({ settlesUntilPlan: 2 });
  expect(await patient.report(0, ALL)).toBe('settled');
  expect(patient.tokens).toEqual([]);
  const eager = await twoShards({ settlesUntilPlan: 1 });
  await eager.report(0, ALL);
  expect(eager.tokens).toEqual(['loop']);
});

test('the last Shard of a Batch wakes its lifecycle and its Fleet, whatever the plan asked for', async () => {
  const { report, tokens } = await twoShards({ settlesUntilPlan: 9 });
  await report(0, ALL);
  await report(1, ALL);
  expect(tokens).toEqual(['lifecycle', 'loop']);
});

test('a duplicate of the report that settled a Batch wakes its lifecycle and its Fleet again', async () => {
  const { report, tokens } = await twoShards();
  await report(0, ALL);
  await report(1, ALL);
  expect(await report(1, ALL)).toBe('stale');
  expect(tokens).toEqual(['lifecycle', 'loop', 'lifecycle', 'loop']);
});
