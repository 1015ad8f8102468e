import type { Batch } from '../batch/batch.ts';
import type { FleetId } from '../ids.ts';
import { recordKeys } from '../keys.ts';
import { remove } from '../records.ts';
import { mapSome } from './each.ts';
import type { BatchRef } from './lifecycle.ts';
import { isStale } from './loop.ts';
import { isSettled } from './settled.ts';
import {
  lifecycleName,
  type StartPorts,
  schedulerName,
  startLifecycle,
  startLoop,
} from './start-execution.ts';
import { wakeLifecycle } from './wake-lifecycle.ts';

/**
 * Wakes or revives whatever should move and may not: open Batches and the loops of the Fleets. One that fails does
 * not keep the others waiting; the failures are thrown together at the end.
 */
export async function sweep(ports: StartPorts, fleets: readonly FleetId[]): Promise<void> {
  const open = await ports.records.query(recordKeys.openBatches());
  const failures: unknown[] = [];
  const attempt = async (sweepOne: () => Promise<void>): Promise<void> => {
    await sweepOne().catch((error: unknown) => failures.push(error));
  };
  await mapSome(open, (batch) => attempt(() => sweepBatch(ports, batch)));
  await mapSome(fleets, (fleetId) => attempt(() => sweepFleet(ports, fleetId)));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} could not be swept.`);
}

/** Starts the next generation of a lifecycle that does not run, or wakes one whose Batch should move. */
export async function sweepBatch(ports: StartPorts, { tenant, batchId }: BatchRef): Promise<void> {
  const { records, executions, clock } = ports;
  const ref = { tenant, batchId };
  const batch = await records.read(recordKeys.batch(tenant, batchId));
  if (batch === null) {
    await records.change(recordKeys.openBatch(tenant, batchId), () => remove(undefined));
    return;
  }
  const name = lifecycleName(batchId, batch.generation);
  if (!(await executions.isRunning('batch-lifecycle', name))) {
    await startLifecycle(ports, ref, batch.generation);
    return;
  }
  const mayWait = batch.phase.kind === 'enrolled' && clock.nowMs() < batch.deadlineMs;
  if (!mayWait || (await isSettled(records, batch))) await wakeLifecycle(ports, ref);
}

/** Revives the loop of a Fleet with open work where it is stopped, gone or hangs. */
export async function sweepFleet(ports: StartPorts, fleetId: FleetId): Promise<void> {
  const { records, executions, clock } = ports;
  if (!(await hasOpenWork(ports, fleetId))) return;
  const loop = await records.read(recordKeys.loop(fleetId));
  const generation = loop?.generation ?? 0;
  const executionIsRunning = await executions.isRunning(
    'fleet-scheduler',
    schedulerName(fleetId, generation),
  );
  if (isStale(loop, { executionIsRunning, nowMs: clock.nowMs() }))
    await startLoop(ports, fleetId, generation);
}

/** An open Shard of a Batch that is enrolled and not paused. Drops Batches from the Fleet that are over. */
async function hasOpenWork({ records }: StartPorts, fleetId: FleetId): Promise<boolean> {
  for (const { tenant, batchId } of await records.query(recordKeys.fleetBatches(fleetId))) {
    const batch: Batch | null = await records.read(recordKeys.batch(tenant, batchId));
    if (batch === null || batch.phase.kind === 'over') {
      await records.change(recordKeys.fleetBatch(fleetId, tenant, batchId), () => remove(undefined));
    } else if (batch.phase.kind === 'enrolled' && !batch.paused) {
      const shards = await records.query(recordKeys.shards(tenant, batchId));
      if (shards.some((shard) => shard.state === 'open')) return true;
    }
  }
  return false;
}
