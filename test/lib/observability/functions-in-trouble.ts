import type { Batch, BatchPhase } from '../../../core/batch/batch.ts';
import { DEFINITION_VERSION } from '../../../core/batch/batch.ts';
import type { Fleet, GpuClass } from '../../../core/fleet/catalogue.ts';
import type { BatchId, FleetId, TenantId, UploadId } from '../../../core/ids.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import type { Metrics } from '../../../core/metrics.ts';
import { NO_TOTALS, newShard } from '../../../core/protocol/shard.ts';
import { startLoop } from '../../../core/protocol/start-execution.ts';
import { put } from '../../../core/records.ts';
import { DAY_MS } from '../../../core/retention/retention.ts';
import { finalize } from '../../../lambdas/lifecycle-finalize/handler.ts';
import { tell } from '../../../lambdas/lifecycle-tell/handler.ts';
import { planScheduler } from '../../../lambdas/scheduler-plan/handler.ts';
import { handleSignal } from '../../../lambdas/signals/handler.ts';
import { parseSignal } from '../../../lambdas/signals/signal.ts';
import { sweepAndCleanUp } from '../../../lambdas/sweeper/handler.ts';
import { closed, enrolled, work, worldOf } from '../../core/finalize/fixtures.ts';
import { REF } from '../../core/intake/fixtures.ts';
import { batchOf } from '../../core/protocol/samples.ts';
import { manualClock } from '../../fakes/clock.ts';
import { memoryExecutions } from '../../fakes/executions.ts';
import { memoryFleetTasks } from '../../fakes/fleet-tasks.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { RETENTION } from '../../fakes/retention.ts';
import { agedObjects } from '../../fakes/stored-objects.ts';
import { BODY, batchesRig } from '../../lambdas/batches-api/rig.ts';
import type { BufferedMetrics } from './emf.ts';

const tenant = 'acme' as TenantId;
const batchId = 'batch_1' as BatchId;
const log = () => undefined;

/** Whose trouble it is. */
export interface Deployed {
  readonly fleet: Fleet;
  readonly gpuClass: GpuClass;
}

/** A Fleet with an enrolled Batch of a dozen Shards, which is due in a minute. */
async function hopelessFleet(fleetId: FleetId) {
  const clock = manualClock(1_000_000);
  const ports = { records: memoryRecords(), executions: memoryExecutions(), clock };
  const { records } = ports;
  const due = { deadlineMs: clock.nowMs() + 60_000, times: { inProgressAtMs: clock.nowMs() } };
  const batch = batchOf({ tenant, id: batchId, phase: { kind: 'enrolled' }, ...due });
  await records.change(recordKeys.batch(tenant, batchId), () => put(batch, undefined));
  await records.change(recordKeys.openBatch(tenant, batchId), () => put({ tenant, batchId }, undefined));
  await records.change(recordKeys.fleetBatch(fleetId, tenant, batchId), () =>
    put({ tenant, batchId, fleetId }, undefined),
  );
  const cut = { objectKey: 'o', endpoint: '/v1/chat/completions', model: 'm', lines: 8 };
  for (let number = 0; number < 12; number++) {
    const shard = newShard({ tenant, batchId, number }, { ...cut, estimatedTokens: 900_000 });
    await records.change(recordKeys.shard(shard), () => put(shard, undefined));
  }
  return ports;
}

/** An hour of the loop, a turn each five minutes, with all on-demand Tasks running. */
export async function planInTrouble(metrics: BufferedMetrics, { fleet, gpuClass }: Deployed): Promise<void> {
  const fleetId = fleet.id;
  const ports = await hopelessFleet(fleetId);
  metrics.follow(ports.clock);
  await startLoop(ports, fleetId, 0);
  const tasks = memoryFleetTasks(ports.clock.nowMs);
  for (let i = 0; i < gpuClass.maxInstances.onDemand; i++) {
    const task = { arn: `arn:${i}`, capacity: 'on-demand', createdAtMs: 0 } as const;
    tasks.all.set(task.arn, { ...task, status: { kind: 'running' } });
  }
  const waitsMs = [300_000, 60_000, 15_000] as const;
  const plan = planScheduler({
    ...{ ...ports, tasks, waitsMs, metrics, log, warn: log },
    ...{ fleets: [fleet], gpuClasses: [gpuClass] },
  });
  for (let iteration = 0; iteration <= 12; iteration++) {
    await plan({ fleetId, generation: 1, definitionVersion: DEFINITION_VERSION, iteration });
    ports.clock.advance(300_000);
  }
}

/** A sweep that finds open work that nobody has planned for twenty minutes; then, each day, one that deletes nothing. */
export async function sweepInTrouble(metrics: BufferedMetrics, { fleet }: Deployed): Promise<void> {
  const fleetId = fleet.id;
  const ports = await hopelessFleet(fleetId);
  metrics.follow(ports.clock);
  ports.clock.advance(20 * 60_000);
  const { objects, stored, put: putObject } = agedObjects(ports.clock);
  putObject(objectKeys.uploadPart(tenant, 'upload_forgotten' as UploadId, '1'));
  objects.remove = async () => {
    throw new Error('AccessDenied');
  };
  const cleaning = { objects, stored, retention: RETENTION };
  const sweep = sweepAndCleanUp({ ...ports, ...cleaning, fleetIds: [fleetId], metrics, log, warn: log });
  await sweep();
  for (let day = 1; day <= 5; day++) {
    ports.clock.advance(DAY_MS);
    await sweep();
  }
}

/** As many Interruptions and failed launches as there are instances. */
export async function signalTrouble(metrics: Metrics, { fleet, gpuClass }: Deployed): Promise<void> {
  const clock = manualClock();
  const handle = handleSignal({
    ...{ records: memoryRecords(), executions: memoryExecutions(), clock, metrics, fleets: [fleet] },
    tasks: memoryFleetTasks(clock.nowMs),
    groups: [{ name: 'group', gpuClass: gpuClass.id, capacity: 'spot' }],
  });
  const failed = { AutoScalingGroupName: 'group', StatusMessage: 'InsufficientInstanceCapacity' };
  for (let i = 0; i < gpuClass.maxInstances.spot; i++) {
    const warned = { 'instance-id': `i-${i}`, 'instance-action': 'terminate' };
    await handle(
      parseSignal(
        JSON.stringify({ 'detail-type': 'EC2 Spot Instance Interruption Warning', detail: warned }),
      ),
    );
    await handle(
      parseSignal(JSON.stringify({ 'detail-type': 'EC2 Instance Launch Unsuccessful', detail: failed })),
    );
  }
}

/** A Batch whose Segments are gone when its files are made. */
export async function finalizeInTrouble(metrics: Metrics): Promise<void> {
  const world = worldOf();
  const OK = { status: 200 };
  await enrolled(world, 4);
  await work(world, 0, { 0: OK, 1: OK, 2: OK, 3: OK });
  await closed(world);
  await world.objects.remove(world.objects.keys().filter((key) => key.includes('/segments/')));
  await finalize({ ...world, metrics, logError: log })(REF);
}

/** A Batch of each end. */
export async function tellEveryEnd(metrics: Metrics): Promise<void> {
  const files = { outputFileId: null, errorFileId: null, manifestKey: 'm', totals: NO_TOTALS };
  const ends: readonly BatchPhase[] = [
    { kind: 'over', as: 'failed' },
    ...(['completed', 'expired', 'cancelled'] as const).map(
      (as) => ({ kind: 'over', as, ...files }) as const,
    ),
  ];
  for (const phase of ends) await tellEnd(metrics, batchOf({ phase, times: { completedAtMs: 1 } }));
}

async function tellEnd(metrics: Metrics, batch: Batch): Promise<void> {
  const world = worldOf();
  await world.records.change(recordKeys.batch(batch.tenant, batch.id), () => put(batch, undefined));
  const events = { publish: async () => undefined };
  await tell({ ...world, events, metrics })({ tenant: batch.tenant, batchId: batch.id });
}

export async function createBatch(metrics: Metrics): Promise<void> {
  await batchesRig({ metrics }).post(BODY);
}
