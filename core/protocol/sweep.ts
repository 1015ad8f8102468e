import type { Batch, BatchPhase } from '../batch/batch.ts';
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

export interface SweptBatch {
  readonly phase: BatchPhase['kind'];
  /** Its lifecycle did not run. */
  readonly revived: boolean;
}

export interface SweptFleet {
  readonly fleetId: FleetId;
  /** When the oldest Batch with open work was enrolled. */
  readonly openSinceMs: number;
  /** Its loop was stopped, gone, or hung. */
  readonly revived: boolean;
}

/** What there was to sweep: Fleets without open work and Batches without a record are left out. */
export interface Swept {
  readonly batches: readonly SweptBatch[];
  readonly fleets: readonly SweptFleet[];
  readonly failures: readonly unknown[];
}

/**
 * Wakes or revives whatever should move and may not: open Batches and the loops of the Fleets. One that fails does
 * not keep the others waiting; the caller must throw the failures.
 */
export async function sweep(ports: StartPorts, fleetIds: readonly FleetId[]): Promise<Swept> {
  const open = await ports.records.query(recordKeys.openBatches());
  const failures: unknown[] = [];
  const attempt = <T>(sweeping: Promise<T | null>): Promise<T | null> =>
    sweeping.catch((error: unknown) => {
      failures.push(error);
      return null;
    });
  const batches = await mapSome(open, (batch) => attempt(sweepBatch(ports, batch)));
  const fleets = await mapSome(fleetIds, (fleetId) => attempt(sweepFleet(ports, fleetId)));
  return { batches: batches.flatMap((it) => it ?? []), fleets: fleets.flatMap((it) => it ?? []), failures };
}

/** Starts the next generation of a lifecycle that does not run, or wakes one whose Batch should move. */
async function sweepBatch(ports: StartPorts, { tenant, batchId }: BatchRef): Promise<SweptBatch | null> {
  const { records, executions, clock } = ports;
  const ref = { tenant, batchId };
  const batch = await records.read(recordKeys.batch(tenant, batchId));
  if (batch === null) {
    await records.change(recordKeys.openBatch(tenant, batchId), () => remove(undefined));
    return null;
  }
  const phase = batch.phase.kind;
  const name = lifecycleName(batchId, batch.generation);
  if (!(await executions.isRunning('batch-lifecycle', name))) {
    await startLifecycle(ports, ref, batch.generation);
    return { phase, revived: true };
  }
  const mayWait = phase === 'enrolled' && clock.nowMs() < batch.deadlineMs;
  if (!mayWait || (await isSettled(records, batch))) await wakeLifecycle(ports, ref);
  return { phase, revived: false };
}

/** Revives the loop of a Fleet with open work where it is stopped, gone or hangs. */
async function sweepFleet(ports: StartPorts, fleetId: FleetId): Promise<SweptFleet | null> {
  const { records, executions, clock } = ports;
  const openSinceMs = await openWorkSinceMs(ports, fleetId);
  if (openSinceMs === null) return null;
  const loop = await records.read(recordKeys.loop(fleetId));
  const generation = loop?.generation ?? 0;
  const executionIsRunning = await executions.isRunning(
    'fleet-scheduler',
    schedulerName(fleetId, generation),
  );
  const revived = isStale(loop, { executionIsRunning, nowMs: clock.nowMs() });
  if (revived) await startLoop(ports, fleetId, generation);
  return { fleetId, openSinceMs, revived };
}

/**
 * When the oldest Batch with an open Shard that is enrolled and not paused became so. Drops Batches from the Fleet
 * that are over.
 */
async function openWorkSinceMs({ records }: StartPorts, fleetId: FleetId): Promise<number | null> {
  for (const { tenant, batchId } of await records.query(recordKeys.fleetBatches(fleetId))) {
    const batch: Batch | null = await records.read(recordKeys.batch(tenant, batchId));
    if (batch === null || batch.phase.kind === 'over') {
      await records.change(recordKeys.fleetBatch(fleetId, tenant, batchId), () => remove(undefined));
    } else if (batch.phase.kind === 'enrolled' && !batch.paused) {
      const shards = await records.query(recordKeys.shards(tenant, batchId));
      if (shards.some((shard) => shard.state === 'open')) return batch.times.inProgressAtMs ?? 0;
    }
  }
  return null;
}
