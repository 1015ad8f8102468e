import type { Batch } from '../batch/batch.ts';
import type { IntakePlan } from '../batch/plans.ts';
import type { BatchId, TenantId } from '../ids.ts';
import { type Change, keep, put } from '../records.ts';

/** Names a Batch. */
export interface BatchRef {
  readonly tenant: TenantId;
  readonly batchId: BatchId;
}

/** Input of an execution of batch-lifecycle. */
export interface LifecycleInput extends BatchRef {
  readonly generation: number;
  readonly definitionVersion: number;
  /** As the record has it: the lifecycle's logs say it too. @default - not known */
  readonly requestId?: string;
}

export const isOver = (batch: Batch): boolean => batch.phase.kind === 'over';

export type AdvanceResult =
  | { readonly kind: 'start'; readonly generation: number; readonly requestId?: string }
  | { readonly kind: 'superseded' }
  | { readonly kind: 'gone' };

/**
 * Advances the generation that the caller saw, so that the execution of the new name is started once. Answers the
 * generation to start also where it was advanced before by a call whose answer was lost.
 */
export function advanceGeneration(batch: Batch | null, seen: number): Change<Batch, AdvanceResult> {
  if (batch === null) return keep({ kind: 'gone' });
  const generation = seen + 1;
  const { requestId } = batch;
  const start = { kind: 'start', generation, ...(requestId === undefined ? {} : { requestId }) } as const;
  if (batch.generation === generation) return keep(start);
  if (batch.generation !== seen) return keep({ kind: 'superseded' });
  return put({ ...batch, generation, waiter: null }, start);
}

/**
 * Stores the token of a wait as number `waitSeqSeen + 1`. A wait that comes late finds a higher number and must
 * not take the place of the newer token; it answers its own token at once.
 */
export function registerWait(
  batch: Batch | null,
  wait: { readonly generation: number; readonly waitSeqSeen: number; readonly token: string },
): Change<Batch, 'waiting' | 'superseded'> {
  if (batch === null || batch.generation !== wait.generation) return keep('superseded');
  if (batch.waiter === wait.token) return keep('waiting');
  if (batch.waitSeq !== wait.waitSeqSeen) return keep('superseded');
  return put({ ...batch, waitSeq: batch.waitSeq + 1, waiter: wait.token }, 'waiting');
}

/** Notes what the intake plan says. The plan is immutable, so it may be noted twice; a closing Batch stays so. */
export function recordIntake(
  batch: Batch | null,
  plan: { readonly key: string; readonly intake: IntakePlan },
): Change<Batch, 'recorded' | 'refused'> {
  if (batch === null || batch.phase.kind === 'closing' || isOver(batch)) return keep('refused');
  if (batch.plan !== undefined) return keep('recorded');
  const { model, fleetId, shards, lines } = plan.intake;
  return put({ ...batch, plan: { key: plan.key, model, fleetId, shards: shards.length, lines } }, 'recorded');
}

/** All Shards are visible: work may begin. Refused where the Batch is closing or over by now. */
export function markEnrolled(batch: Batch | null, nowMs: number): Change<Batch, 'enrolled' | 'refused'> {
  if (batch === null) return keep('refused');
  if (batch.phase.kind === 'enrolled') return keep('enrolled');
  if (batch.phase.kind !== 'validating') return keep('refused');
  const times = { ...batch.times, inProgressAtMs: nowMs };
  return put({ ...batch, phase: { kind: 'enrolled' }, times }, 'enrolled');
}

/** Ends a Batch that cannot run. Only from `validating`: once it is closing, the close decides. */
export function fail(
  batch: Batch | null,
  failure: { readonly errorsKey: string; readonly nowMs: number },
): Change<Batch, 'failed' | 'refused'> {
  if (batch === null) return keep('refused');
  if (batch.phase.kind === 'over' && batch.phase.as === 'failed') return keep('failed');
  if (batch.phase.kind !== 'validating') return keep('refused');
  const times = { ...batch.times, failedAtMs: failure.nowMs };
  const phase = { kind: 'over', as: 'failed' } as const;
  return put({ ...batch, phase, times, errorsKey: failure.errorsKey }, 'failed');
}

/** Moves the Deadline of a Batch that is not closing yet. Wake lifecycle and Fleet afterwards. */
export function extend(batch: Batch | null, deadlineMs: number): Change<Batch, 'extended' | 'refused'> {
  if (batch === null || batch.phase.kind === 'closing' || isOver(batch)) return keep('refused');
  if (batch.deadlineMs === deadlineMs) return keep('extended');
  return put({ ...batch, deadlineMs }, 'extended');
}

/** Pauses or resumes; only the plan acts on it, so wake the Fleet afterwards. The Deadline goes on. */
export function pause(batch: Batch | null, paused: boolean): Change<Batch, 'set' | 'refused'> {
  if (batch === null || batch.phase.kind === 'closing' || isOver(batch)) return keep('refused');
  return batch.paused === paused ? keep('set') : put({ ...batch, paused }, 'set');
}
