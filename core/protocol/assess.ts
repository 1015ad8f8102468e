import type { Batch, LineError } from '../batch/batch.ts';
import { objectKeys, recordKeys } from '../keys.ts';
import type { Clock, Objects, Records } from '../ports.ts';
import { unpin } from './intake.ts';
import { type BatchRef, fail, isOver, type LifecycleInput } from './lifecycle.ts';
import { type LifecycleFacts, type LifecycleStep, nextStep, type Rounds } from './next-step.ts';
import { isSettled } from './settled.ts';

export interface AssessPorts {
  readonly records: Records;
  readonly objects: Objects;
  readonly clock: Clock;
}

/** Reads what the lifecycle decides from. */
export async function readFacts(
  { records, clock }: Pick<AssessPorts, 'records' | 'clock'>,
  input: LifecycleInput,
  rounds: Rounds,
): Promise<LifecycleFacts> {
  const { tenant, batchId } = input;
  const batch = await records.read(recordKeys.batch(tenant, batchId));
  const told =
    batch !== null && isOver(batch) && (await records.read(recordKeys.openBatch(tenant, batchId))) === null;
  const settled = batch !== null && (await isSettled(records, batch));
  return { input, batch, told, settled, nowMs: clock.nowMs(), rounds };
}

/** The Assess step: what to do next. Ends a Batch itself whose intake was tried too often. */
export async function assessLifecycle(
  ports: AssessPorts,
  input: LifecycleInput,
  rounds: Rounds,
): Promise<Exclude<LifecycleStep, { kind: 'give-up' }>> {
  for (;;) {
    const facts = await readFacts(ports, input, rounds);
    const step = nextStep(facts);
    if (step.kind !== 'give-up') return step;
    await failBatch(ports, input, [GAVE_UP]);
  }
}

const GAVE_UP: LineError = {
  code: 'internal_error',
  message: 'The input file could not be read after several tries. Create the batch again.',
  param: null,
  line: null,
};

/** Ends a Batch in `validating` as failed: the errors first, then the outcome, then the File's pin. */
export async function failBatch(
  { records, objects, clock }: AssessPorts,
  { tenant, batchId }: BatchRef,
  errors: readonly LineError[],
): Promise<'failed' | 'refused'> {
  const errorsKey = objectKeys.errors(tenant, batchId);
  await objects.putOnce(errorsKey, Buffer.from(JSON.stringify(errors)), 'application/json');
  const batchKey = recordKeys.batch(tenant, batchId);
  const result = await records.change(batchKey, (current) =>
    fail(current, { errorsKey, nowMs: clock.nowMs() }),
  );
  await unpinInput(records, await records.read(batchKey));
  return result;
}

/** Lets the input File go: the Batch will not read it any more. */
export async function unpinInput(records: Records, batch: Batch | null): Promise<void> {
  if (batch === null) return;
  const { tenant, id, inputFileId } = batch;
  await records.change(recordKeys.file(tenant, inputFileId), (file) => unpin(file, id));
}
