import type { Batch } from '../../../core/batch/batch.ts';
import type { ClosePlan } from '../../../core/batch/plans.ts';
import { type FileId, newId, type ShardId } from '../../../core/ids.ts';
import { runIntake } from '../../../core/intake/run-intake.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import { bitsOf, unionBits } from '../../../core/protocol/bitmap.ts';
import { closeBatch } from '../../../core/protocol/close-batch.ts';
import { enrolBatch } from '../../../core/protocol/enrol.ts';
import { dispatch } from '../../../core/protocol/lease.ts';
import { recordReport } from '../../../core/protocol/record-report.ts';
import { startAttempt } from '../../../core/protocol/start-attempt.ts';
import { addTotals, encodeSegment, type FinishedLine } from '../../../core/segment/segment.ts';
import { decodeShard } from '../../../core/shard/object.ts';
import { resultLine } from '../../../core/wire/result-line.ts';
import { manualClock } from '../../fakes/clock.ts';
import { memoryExecutions } from '../../fakes/executions.ts';
import { memoryObjects } from '../../fakes/objects.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { RETENTION } from '../../fakes/retention.ts';
import { BATCH_ID, FLEETS, lineOf, submit, TENANT } from '../intake/fixtures.ts';

export const LEASE_MS = 60_000;

export function worldOf() {
  let files = 0;
  const clock = manualClock(10_000);
  return {
    records: memoryRecords(),
    objects: memoryObjects(),
    executions: memoryExecutions(),
    clock,
    fleets: FLEETS,
    retention: RETENTION,
    newFileId: () => newId<FileId>('file-', clock.nowMs(), String(++files).padStart(20, '0')),
    pause: async (ms: number) => clock.advance(ms),
    leaseMsOf: () => LEASE_MS,
  };
}
export type World = ReturnType<typeof worldOf>;

export const shardIdOf = (number: number): ShardId => ({ tenant: TENANT, batchId: BATCH_ID, number });

/** A Batch of `lines` Requests (id-0, id-1, …), enrolled: Shards of four. */
export async function enrolled(world: World, lines: number, over: Partial<Batch> = {}): Promise<void> {
  const input = Array.from({ length: lines }, (_, i) => lineOf(`id-${i}`, { max_tokens: 1 })).join('\n');
  await runIntake(world, await submit(world, input, over), 'try');
  await enrolBatch(world, { tenant: TENANT, batchId: BATCH_ID });
}

/** By index: how it ended, and what its answer says. */
export type Results = Readonly<Record<number, { readonly status: number; readonly text?: string }>>;

/** An Attempt that finishes these lines in one Segment, reports it, and releases nothing. */
export async function work(world: World, number: number, results: Results): Promise<void> {
  const shard = shardIdOf(number);
  const key = recordKeys.shard(shard);
  const seenSeq = world.records.peek(key)?.dispatchSeq ?? 0;
  world.clock.advance(120_000);
  const nowMs = world.clock.nowMs();
  await world.records.change(key, (current) => dispatch(current, { seenSeq, nowMs, minAgeMs: 0 }));
  const request = { owner: 'task', nonce: `nonce-${nowMs}`, nowMs, leaseMs: 1000 };
  const attempt = await startAttempt(world, { shard, dispatchSeq: seenSeq + 1 }, request);
  if (attempt.kind !== 'started') throw new Error(`The claim was refused: ${attempt.why}.`);
  const { fence } = attempt.shard;
  const lines = await finishedLines(world, attempt.shard.objectKey, results);
  await world.objects.putOnce(objectKeys.segment(shard, { fence, number: 1 }), encodeSegment(lines));
  const indexes = Object.keys(results).map(Number);
  await recordReport(world, {
    ...{ shard, fence, seq: 1, deaths: [], leaseMs: { spot: 1, onDemand: 0 } },
    finished: unionBits(attempt.finished, bitsOf(indexes, attempt.shard.lines)),
    segments: { ...attempt.adopted, [fence]: 1 },
    totals: addTotals(attempt.totals, lines),
  });
}

async function finishedLines(world: World, objectKey: string, results: Results): Promise<FinishedLine[]> {
  const requests = decodeShard(world.objects.peek(objectKey) ?? new Uint8Array());
  return Object.entries(results).map(([at, { status, text = 'ok' }]) => {
    const index = Number(at);
    const { line = 0, customId = '' } = requests[index] ?? {};
    const body = Buffer.from(JSON.stringify({ text }));
    return {
      index,
      bytes: resultLine(
        { batchId: BATCH_ID, line, customId },
        { kind: 'answered', statusCode: status, body },
      ),
      outcome: status === 200 ? 'completed' : 'failed',
      ...{ inputTokens: 10, cachedTokens: 1, outputTokens: 5, reasoningTokens: 0 },
    };
  });
}

export async function closed(world: World): Promise<ClosePlan> {
  const result = await closeBatch(world, { tenant: TENANT, batchId: BATCH_ID });
  if (result.kind !== 'planned') throw new Error(`It did not close: ${result.kind}.`);
  return result.plan;
}

interface WireLine {
  readonly id: string;
  readonly custom_id: string;
  readonly response: { readonly status_code: number; readonly body: { readonly text: string } } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** The lines of a final file; throws where it does not lie in the store. */
export function linesOf(world: World, id: FileId | null): readonly WireLine[] {
  const bytes = id === null ? null : world.objects.peek(objectKeys.file(TENANT, id));
  if (bytes === null) throw new Error(`There is no object of the file ${id}.`);
  return Buffer.from(bytes)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as WireLine);
}

export function outcomeIn(world: World) {
  const phase = world.records.peek(recordKeys.batch(TENANT, BATCH_ID))?.phase;
  if (phase?.kind !== 'over' || phase.as === 'failed') throw new Error(`The Batch is ${phase?.kind}.`);
  return phase;
}
