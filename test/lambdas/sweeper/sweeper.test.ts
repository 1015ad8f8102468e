import { expect, it } from 'vitest';
import type { BatchId, FileId, FleetId, TenantId } from '../../../core/ids.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import type { MetricValues } from '../../../core/metrics.ts';
import { newShard } from '../../../core/protocol/shard.ts';
import { startLoop } from '../../../core/protocol/start-execution.ts';
import { put, type RecordKey } from '../../../core/records.ts';
import { DAY_MS } from '../../../core/retention/retention.ts';
import { sweepAndCleanUp } from '../../../lambdas/sweeper/handler.ts';
import { batchOf } from '../../core/protocol/samples.ts';
import { manualClock } from '../../fakes/clock.ts';
import { memoryExecutions } from '../../fakes/executions.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { RETENTION } from '../../fakes/retention.ts';
import { agedObjects } from '../../fakes/stored-objects.ts';

const tenant = 'acme' as TenantId;
const batchId = 'batch_1' as BatchId;
const fleetId = 'chat' as FleetId;

function sweeper() {
  const clock = manualClock(1_000_000);
  const ports = { records: memoryRecords(), executions: memoryExecutions(), clock };
  const emitted: MetricValues[] = [];
  const warned: unknown[] = [];
  const { objects, stored, put: putObject } = agedObjects(clock);
  const write = <T>(key: RecordKey<T>, record: T): Promise<void> =>
    ports.records.change(key, () => put(record, undefined));
  return {
    ...ports,
    ...{ emitted, warned, objects, putObject },
    sweep: sweepAndCleanUp({
      ...{ ...ports, objects, stored, retention: RETENTION, fleetIds: [fleetId] },
      log: () => undefined,
      warn: (message, fields) => void warned.push([message, fields]),
      metrics: { emit: (values) => void emitted.push(values) },
    }),
    /** An enrolled Batch with an open Shard, now. */
    async enrol(): Promise<void> {
      const phase = { kind: 'enrolled' } as const;
      const times = { inProgressAtMs: clock.nowMs() };
      const deadlineMs = clock.nowMs() + 86_400_000;
      await write(
        recordKeys.batch(tenant, batchId),
        batchOf({ tenant, id: batchId, phase, times, deadlineMs }),
      );
      await write(recordKeys.openBatch(tenant, batchId), { tenant, batchId });
      await write(recordKeys.fleetBatch(fleetId, tenant, batchId), { tenant, batchId, fleetId });
      const cut = {
        objectKey: 'o',
        endpoint: '/v1/chat/completions',
        model: 'm',
        lines: 1,
        estimatedTokens: 1,
      };
      const shard = newShard({ tenant, batchId, number: 0 }, cut);
      await write(recordKeys.shard(shard), shard);
    },
    startLoop: () => startLoop(ports, fleetId, 0),
    planned: () => write(recordKeys.fleetSummary(fleetId), { atMs: clock.nowMs() } as never),
  };
}

it('measures nothing in a stack at rest', async () => {
  const { sweep, emitted } = sweeper();
  await sweep();
  expect(emitted).toEqual([]);
});

it('counts what is open and what it has revived', async () => {
  const { enrol, sweep, emitted } = sweeper();
  await enrol();
  await sweep();
  await sweep();
  const open = { BatchesValidating: 0, BatchesEnrolled: 1, BatchesClosing: 0, OldestLoopTurnSeconds: 0 };
  expect(emitted).toEqual([
    { ...open, RevivedLifecycles: 1, StaleLoops: 1 },
    { ...open, RevivedLifecycles: 0, StaleLoops: 0 },
  ]);
});

it('says how long open work has waited for a plan, though new loops are started all the while', async () => {
  const { clock, enrol, sweep, emitted, executions } = sweeper();
  await enrol();
  for (let generation = 1; generation <= 4; generation++) {
    await sweep();
    executions.end('fleet-scheduler', `${fleetId}-${generation}`);
    clock.advance(300_000);
  }
  expect(emitted.map(({ OldestLoopTurnSeconds }) => OldestLoopTurnSeconds)).toEqual([0, 300, 600, 900]);
});

it('counts from the last plan where there was one', async () => {
  const { clock, enrol, startLoop: start, planned, sweep, emitted } = sweeper();
  await enrol();
  await start();
  clock.advance(3_600_000);
  await planned();
  clock.advance(60_000);
  await sweep();
  expect(emitted).toMatchObject([{ OldestLoopTurnSeconds: 60 }]);
});

it('counts a clean-up that could not delete something, and none that could', async () => {
  const { clock, objects, putObject, sweep, emitted, warned } = sweeper();
  putObject(objectKeys.file(tenant, 'file-forgotten' as FileId));
  await sweep();
  clock.advance(3 * DAY_MS);
  const { remove } = objects;
  objects.remove = () => Promise.reject(new Error('AccessDenied'));
  await sweep();
  expect(emitted).toEqual([{ CleanUpFailures: 1 }]);
  const reasons = [expect.stringContaining('AccessDenied')];
  expect(warned).toEqual([['Something could not be cleaned up.', { reasons }]]);
  objects.remove = remove;
  clock.advance(DAY_MS);
  await sweep();
  expect(emitted).toHaveLength(1);
  expect(objects.keys()).toEqual([]);
});

it('tells what it found although something could not be swept', async () => {
  const { enrol, sweep, emitted, executions } = sweeper();
  await enrol();
  const { start } = executions;
  executions.start = (machine, ...rest) =>
    machine === 'batch-lifecycle' ? Promise.reject(new Error('down')) : start(machine, ...rest);
  await expect(sweep()).rejects.toThrow('1 could not be swept');
  expect(emitted).toMatchObject([{ StaleLoops: 1 }]);
});
