import { createHash } from 'node:crypto';
import type { Batch, CloseReason } from '../batch/batch.ts';
import type { Events } from '../batch/events-port.ts';
import type { FleetId } from '../ids.ts';
import { objectKeys, recordKeys } from '../keys.ts';
import type { Clock, Objects, Records } from '../ports.ts';
import { unpinInput } from '../protocol/assess.ts';
import { markTold } from '../protocol/finish-batch.ts';
import type { BatchRef } from '../protocol/lifecycle.ts';

export interface TellPorts {
  readonly records: Records;
  readonly objects: Objects;
  readonly events: Events;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<void>;
  /** Of the Fleet that has worked on the Batch. */
  readonly leaseMsOf: (fleetId: FleetId) => number;
}

/** What an event says of a Batch that has ended. */
export interface BatchEvent {
  /** Follows from Batch and status: of two events of one id the second says nothing new. */
  readonly id: string;
  readonly batchId: string;
  readonly tenant: string;
  readonly status: CloseReason | 'failed';
  readonly atMs: number | null;
}

/**
 * Tells that a Batch has ended and clears what only its run needed: Segments, Shard objects, the input's pin and,
 * last, its place in the Fleet and the open index, so that the sweeper sees it until all of it is done. May run twice.
 */
export async function tellBatch(ports: TellPorts, ref: BatchRef): Promise<'told' | 'not-over'> {
  const { records, objects, events } = ports;
  const batch = await records.read(recordKeys.batch(ref.tenant, ref.batchId));
  if (batch?.phase.kind !== 'over') return 'not-over';
  const event = eventOf(batch, batch.phase.as);
  await events.publish(`Batch ${event.status}`, event);
  await ports.pause(lateSegmentsMs(batch, ports));
  const left = await objects.list(objectKeys.run(ref.tenant, ref.batchId));
  await objects.remove(left.map(({ key }) => key));
  await unpinInput(records, batch);
  await markTold(records, ref);
  return 'told';
}

/**
 * How long Segments may still come: where lines were given up, an agent that computes them learns of the close only
 * by its next renewal. What it stores after the deletion would stay for ever.
 */
function lateSegmentsMs(batch: Batch, { clock, leaseMsOf }: Pick<TellPorts, 'clock' | 'leaseMsOf'>): number {
  const { phase, times, plan } = batch;
  if (plan === undefined || phase.kind !== 'over' || phase.as === 'completed' || phase.as === 'failed')
    return 0;
  const closedAtMs = times.cancellingAtMs ?? times.finalizingAtMs ?? 0;
  return Math.max(0, closedAtMs + leaseMsOf(plan.fleetId) - clock.nowMs());
}

function eventOf(batch: Batch, status: BatchEvent['status']): BatchEvent {
  const digest = createHash('sha256').update(`${batch.id}:${status}`).digest('hex');
  const atMs = batch.times[`${status}AtMs`] ?? null;
  return { id: `evt_${digest.slice(0, 32)}`, batchId: batch.id, tenant: batch.tenant, status, atMs };
}
