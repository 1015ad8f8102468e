import type { IntakePlan } from '../batch/plans.ts';
import { recordKeys } from '../keys.ts';
import type { Objects } from '../ports.ts';
import { type Change, keep, put } from '../records.ts';
import { mapSome } from './each.ts';
import { readIntakePlan } from './intake.ts';
import { type BatchRef, markEnrolled } from './lifecycle.ts';
import { newShard, type Shard } from './shard.ts';
import type { StartPorts } from './start-execution.ts';
import { wakeFleet } from './wake-fleet.ts';

/** Puts a Shard record only where none is: a retried enrol must not reset one that is live. */
export const enrolShard = (current: Shard | null, fresh: Shard): Change<Shard, void> =>
  current === null ? put(fresh, undefined) : keep(undefined);

/** The records that enrol puts, as the intake plan cut them. */
export const freshShards = (batch: BatchRef, { shards, endpoint, model }: IntakePlan): readonly Shard[] =>
  shards.map(({ number, ...cut }) => newShard({ ...batch, number }, { ...cut, endpoint, model }));

/**
 * Lets the Shards of the intake plan join their Fleet: first they are made visible, then the Fleet is woken. May
 * run twice. Refused where the Batch is closing or over.
 */
export async function enrolBatch(
  ports: StartPorts & { readonly objects: Objects },
  { tenant, batchId }: BatchRef,
): Promise<'enrolled' | 'refused'> {
  const { records, objects, clock } = ports;
  const ref = { tenant, batchId };
  const plan = await readIntakePlan(objects, ref);
  if (plan === null) throw new Error(`Batch ${batchId} has no intake plan to enrol.`);
  const batch = await records.read(recordKeys.batch(tenant, batchId));
  if (batch?.phase.kind !== 'validating' && batch?.phase.kind !== 'enrolled') return 'refused';
  await mapSome(freshShards(ref, plan), (fresh) =>
    records.change(recordKeys.shard(fresh), (current) => enrolShard(current, fresh)),
  );
  const { fleetId } = plan;
  const fleetBatch = recordKeys.fleetBatch(fleetId, tenant, batchId);
  await records.change(fleetBatch, (current) =>
    current === null ? put({ ...ref, fleetId }, undefined) : keep(undefined),
  );
  const enrolled = await records.change(recordKeys.batch(tenant, batchId), (current) =>
    markEnrolled(current, clock.nowMs()),
  );
  if (enrolled === 'enrolled') await wakeFleet(ports, fleetId);
  return enrolled;
}
