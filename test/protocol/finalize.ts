import type { StoredFile } from '../../core/batch/file.ts';
import type { ClosePlan } from '../../core/batch/plans.ts';
import type { FileId } from '../../core/ids.ts';
import { objectKeys } from '../../core/keys.ts';
import { readClosePlan } from '../../core/protocol/close-batch.ts';
import type { Outcome } from '../../core/protocol/ending.ts';
import type { BatchRef } from '../../core/protocol/lifecycle.ts';
import { readSegmentIndex } from '../../core/protocol/segment-index.ts';
import { NO_TOTALS } from '../../core/protocol/shard.ts';
import type { SimPorts } from './sim-ports.ts';
import type { World } from './world.ts';

/** One line of a file: `fence` tells the Attempt that computed it, null that nobody did. */
export interface OutputLine {
  readonly line: number;
  readonly number: number;
  readonly index: number;
  readonly outcome: 'completed' | 'failed';
  readonly fence: number | null;
}

/** Writes both files from the close plan alone; null where there is none. */
export async function finalize(world: World, ports: SimPorts, batch: BatchRef) {
  const plan = await readClosePlan(ports.objects, batch);
  if (plan === null) return null;
  const lines = (await Promise.all(plan.shards.map((shard) => readShard(ports, batch, plan, shard)))).flat();
  const outputs = lines.filter(({ outcome }) => outcome === 'completed');
  const errors = lines.filter(({ outcome }) => outcome === 'failed');
  const files = [
    await putFile(world, ports, batch, plan.outputFileId, outputs),
    await putFile(world, ports, batch, plan.errorFileId, errors),
  ];
  const outcome: Outcome = {
    kind: 'over',
    as: plan.as,
    outputFileId: plan.outputFileId,
    errorFileId: plan.errorFileId,
    manifestKey: objectKeys.manifest(batch.tenant, batch.batchId),
    totals: NO_TOTALS,
  };
  return { outcome, files };
}

async function readShard(
  { objects }: SimPorts,
  { tenant, batchId }: BatchRef,
  plan: ClosePlan,
  { number, segments }: ClosePlan['shards'][number],
): Promise<readonly OutputLine[]> {
  const key = plan.intake.shards[number]?.objectKey ?? '';
  const body = await objects.get(key);
  const numbers = JSON.parse(Buffer.from(body ?? '[]').toString()) as number[];
  const found = new Map<number, OutputLine>();
  for (const name of segments) {
    for (const { index, outcome } of await readSegmentIndex(objects, { tenant, batchId, number }, name)) {
      const line = numbers[index] ?? -1;
      if (!found.has(index)) found.set(index, { line, number, index, outcome, fence: name.fence });
    }
  }
  return numbers.map(
    (line, index) => found.get(index) ?? { line, number, index, outcome: 'failed', fence: null },
  );
}

async function putFile(
  world: World,
  { objects }: SimPorts,
  { tenant, batchId }: BatchRef,
  id: FileId,
  lines: readonly OutputLine[],
): Promise<StoredFile> {
  const body = Buffer.from(JSON.stringify(lines));
  const put = await objects.putOnce(objectKeys.file(tenant, id), body);
  if (put === 'taken') world.ledger.broken(`Two finalizers of ${batchId} wrote different bytes`);
  const purpose = 'batch_output';
  return {
    tenant,
    id,
    sizeBytes: body.length,
    etag: '',
    filename: id,
    purpose,
    createdAtMs: 0,
    pinnedBy: [],
  };
}
