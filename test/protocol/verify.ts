import type { Batch } from '../../core/batch/batch.ts';
import type { ClosePlan } from '../../core/batch/plans.ts';
import type { FileId } from '../../core/ids.ts';
import { objectKeys, recordKeys } from '../../core/keys.ts';
import type { Shard } from '../../core/protocol/shard.ts';
import type { OutputLine } from './finalize.ts';
import type { World } from './world.ts';

/** Whether a Batch that was created is over and told. */
export function isDone(world: World, { tenant, id }: Batch): boolean {
  const batch = world.records.peek(recordKeys.batch(tenant, id));
  if (batch === null) return true;
  return batch.phase.kind === 'over' && world.records.peek(recordKeys.openBatch(tenant, id)) === null;
}

/** Notes what does not hold at the end of a run. */
export function verify(world: World): void {
  for (const { tenant, id } of world.batches) {
    const batch = world.records.peek(recordKeys.batch(tenant, id));
    if (batch === null) continue;
    if (!isDone(world, batch)) world.ledger.broken(`${id} hangs in ${batch.phase.kind}`);
    else verifyFiles(world, batch);
  }
}

function parse<T>(world: World, key: string): T | null {
  const body = world.objects.peek(key);
  return body === null ? null : (JSON.parse(Buffer.from(body).toString()) as T);
}

const shardsOf = (world: World, { tenant, id }: Batch): readonly Shard[] =>
  world.records
    .all()
    .filter(({ pk, sk }) => pk === recordKeys.shards(tenant, id).pk && sk.startsWith('SHARD#'))
    .map(({ record }) => record as Shard);

function verifyFiles(world: World, batch: Batch): void {
  const { phase, tenant, id } = batch;
  if (phase.kind !== 'over' || phase.as === 'failed') return;
  const { broken } = world.ledger;
  const plan = parse<ClosePlan>(world, objectKeys.closePlan(tenant, id));
  if (plan === null) {
    broken(`${id} is over without a close plan`);
    return;
  }
  for (const { number, state } of shardsOf(world, batch)) {
    if (state !== 'closed') broken(`${id} is over with Shard ${number} ${state}`);
  }
  const read = (file: FileId | null): OutputLine[] =>
    file === null ? [] : (parse<OutputLine[]>(world, objectKeys.file(tenant, file)) ?? []);
  const lines = [...read(phase.outputFileId), ...read(phase.errorFileId)];
  const seen = lines.map(({ line }) => line).sort((a, b) => a - b);
  const expected = Array.from({ length: plan.intake.lines }, (_, i) => i + 1);
  if (seen.join() !== expected.join()) broken(`${id} holds the lines ${seen} in place of ${expected}`);
  verifyOutcome(world, batch, lines);
}

function verifyOutcome(world: World, { id, tenant, phase }: Batch, lines: readonly OutputLine[]): void {
  const { broken, finishedOf } = world.ledger;
  if (phase.kind !== 'over') return;
  const lost = lines.filter(({ fence }) => fence === null);
  if (phase.as === 'completed' && (lost.length > 0 || lines.length === 0)) {
    broken(`${id} is completed without the lines ${lost.map(({ line }) => line)}`);
  }
  if (phase.as === 'expired' && lost.length === 0 && lines.length > 0)
    broken(`${id} expired with every line`);
  for (const { number, index, line } of lost) {
    if (finishedOf({ tenant, batchId: id, number }).has(index))
      broken(`Line ${line} of ${id} was Finished and lost`);
  }
  for (const { number, index, line, outcome, fence } of lines) {
    const poisoned = world.poison.has(`${id}/${number}/${index}`);
    if (fence !== null && poisoned !== (outcome === 'failed'))
      broken(`Line ${line} of ${id} ${outcome} wrongly`);
  }
}
