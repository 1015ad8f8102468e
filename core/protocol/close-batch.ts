import type { Batch, CloseReason } from '../batch/batch.ts';
import type { ClosePlan, IntakePlan } from '../batch/plans.ts';
import type { FileId } from '../ids.ts';
import { objectKeys, recordKeys } from '../keys.ts';
import type { Objects } from '../ports.ts';
import { type AssessPorts, unpinInput } from './assess.ts';
import { mapSome } from './each.ts';
import { close, outcomeOf } from './ending.ts';
import { freshShards } from './enrol.ts';
import { putIntakePlan, readIntakePlan, voidIntakePlan } from './intake.ts';
import { closeShard } from './lease.ts';
import type { BatchRef } from './lifecycle.ts';
import { adoptSegments } from './segment-index.ts';
import { inOrder } from './segments.ts';
import { isSettled } from './settled.ts';
import type { Shard } from './shard.ts';

export interface ClosePorts extends AssessPorts {
  /** A new id; of two closers' ids those in the plan that came first count. */
  readonly newFileId: () => FileId;
}

export type CloseBatchResult =
  | { readonly kind: 'planned'; readonly plan: ClosePlan }
  | { readonly kind: 'not-yet' | 'over' };

/**
 * The lifecycle's close, up to the close plan that stands. May run twice, also at the same time: whoever finds
 * `closing` carries on, and the first plan wins.
 */
export async function closeBatch(
  ports: ClosePorts,
  { tenant, batchId }: BatchRef,
): Promise<CloseBatchResult> {
  const { records, objects, clock } = ports;
  const key = recordKeys.batch(tenant, batchId);
  const seen = await records.read(key);
  if (seen === null) return { kind: 'over' };
  const settled = await isSettled(records, seen);
  const closing = await records.change(key, (batch) =>
    close(batch, { settled, deadlineSeenMs: seen.deadlineMs, nowMs: clock.nowMs() }),
  );
  if (closing.kind !== 'closing') return closing;
  const standing = await readClosePlan(objects, { tenant, batchId });
  const plan = standing ?? (await makePlan(ports, closing.batch, closing.as));
  await unpinInput(records, closing.batch);
  return { kind: 'planned', plan };
}

/** The close plan that stands, or null. */
export async function readClosePlan(objects: Objects, batch: BatchRef): Promise<ClosePlan | null> {
  const body = await objects.get(objectKeys.closePlan(batch.tenant, batch.batchId));
  return body === null ? null : (JSON.parse(Buffer.from(body).toString()) as ClosePlan);
}

async function makePlan(ports: ClosePorts, batch: Batch, as: CloseReason): Promise<ClosePlan> {
  const { objects, clock, newFileId } = ports;
  const ref = { tenant: batch.tenant, batchId: batch.id };
  const intake =
    (await readIntakePlan(objects, ref)) ??
    (await putIntakePlan(objects, ref, voidIntakePlan(batch.endpoint)));
  const shards = await mapSome(freshShards(ref, intake), (fresh) => takeShard(ports, fresh));
  const plan: ClosePlan = {
    as: outcomeOf(as, holdsEveryLine(intake, shards)),
    atMs: clock.nowMs(),
    outputFileId: newFileId(),
    errorFileId: newFileId(),
    intake,
    shards: shards.map(({ number, segments }) => ({ number, segments })),
  };
  const body = Buffer.from(JSON.stringify(plan));
  await objects.putOnce(objectKeys.closePlan(ref.tenant, ref.batchId), body, 'application/json');
  const standing = await readClosePlan(objects, ref);
  if (standing === null) throw new Error(`The close plan of ${batch.id} is gone right after its put.`);
  return standing;
}

type TakenShard = ClosePlan['shards'][number] & { readonly whole: boolean };

/** Raises the fence and closes, then lists and adopts, then reads: a report in between cannot be missed. */
async function takeShard(ports: ClosePorts, fresh: Shard): Promise<TakenShard> {
  const closed = await ports.records.change(recordKeys.shard(fresh), (current) => closeShard(current, fresh));
  const adopted = await adoptSegments(ports, closed);
  if (adopted === null) throw new Error(`Shard ${closed.number} of ${closed.batchId} was opened again.`);
  const { shard, counts, lines } = adopted;
  return { number: shard.number, segments: inOrder(counts), whole: lines.length === shard.lines };
}

/** A plan of no Shards stands for an intake that never ended: its lines are not known, let alone held. */
function holdsEveryLine(intake: IntakePlan, shards: readonly TakenShard[]): boolean {
  return intake.shards.length > 0 && shards.every(({ whole }) => whole);
}
