import type { Batch, LineError } from '../batch/batch.ts';
import type { IntakePlan } from '../batch/plans.ts';
import { digestHex } from '../finalize/id-digest.ts';
import type { Fleet } from '../fleet/catalogue.ts';
import type { Objects, Records } from '../ports.ts';
import { endIntake, readIntakePlan } from '../protocol/intake.ts';
import { cutInput } from './cut-input.ts';
import { type ErrorLists, writeErrorLists } from './error-lists.ts';
import { INTAKE_LIMITS, type IntakeLimits } from './limits.ts';
import { fileErrors } from './line-problems.ts';
import { openInput } from './open-input.ts';
import { type ShardWriter, shardWriter } from './write-shards.ts';

export interface IntakePorts {
  readonly objects: Objects;
  readonly records: Records;
  readonly fleets: readonly Fleet[];
  /** @default - INTAKE_LIMITS */
  readonly limits?: IntakeLimits;
}

export type IntakeResult =
  | { readonly kind: 'planned'; readonly plan: IntakePlan }
  /** The lists are written; the record does not say so yet. */
  | { readonly kind: 'failed'; readonly lists: ErrorLists };

/**
 * Reads and checks the input file of a Batch, cuts it into Shard objects, and ends intake with its plan. Where a
 * plan stands already, that one is it: Shards that this attempt wrote are removed. A bad file leaves error lists.
 */
export async function runIntake(
  ports: IntakePorts,
  batch: Batch,
  intakeAttempt: string,
): Promise<IntakeResult> {
  const { objects, limits = INTAKE_LIMITS } = ports;
  const ref = { tenant: batch.tenant, batchId: batch.id, inputFileId: batch.inputFileId };
  const standing = await readIntakePlan(objects, ref);
  if (standing !== null) return { kind: 'planned', plan: await endIntake(ports, ref, standing) };
  const input = await openInput(objects, batch);
  if (input.kind !== 'open') {
    const first = [fileErrorOf(input.kind, batch)];
    return { kind: 'failed', lists: await writeErrorLists(objects, batch, { first }) };
  }

  const writer = shardWriter(objects, { ...ref, intakeAttempt }, limits.maxShardsInFlight);
  const facts = { endpoint: batch.endpoint, fleets: ports.fleets, limits };
  const cut = await orDiscard(writer, () => cutInput(input.bytes, facts, writer));
  if (cut.kind === 'wrong') {
    await writer.discard();
    return { kind: 'failed', lists: await writeErrorLists(objects, batch, cut) };
  }
  const { lines, shards } = cut;
  const { model, fleet } = cut.served;
  const idDigest = digestHex(cut.idSum);
  // A failure from here on leaves the Shards: the plan that names them may stand though its answer was lost.
  const plan = await endIntake(ports, ref, {
    ...{ intakeAttempt, model, fleetId: fleet.id, endpoint: batch.endpoint },
    ...{ lines, idDigest, shards },
  });
  if (plan.intakeAttempt !== intakeAttempt) await writer.discard();
  return { kind: 'planned', plan };
}

async function orDiscard<T>(writer: ShardWriter, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

const fileErrorOf = (kind: 'not-found' | 'modified', { inputFileId, tenant }: Batch): LineError =>
  kind === 'modified' ? fileErrors.modified(inputFileId) : fileErrors.notFound(inputFileId, tenant);
