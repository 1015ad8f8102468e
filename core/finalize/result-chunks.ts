import type { BatchId } from '../ids.ts';
import type { Objects } from '../ports.ts';
import type { SegmentLine } from '../segment/segment.ts';
import { decodeShard } from '../shard/object.ts';
import { resultLine } from '../wire/result-line.ts';
import { leftOverError } from './left-over.ts';
import { type CountingSegment, type OpenedShard, openShards, type PlanOf } from './open-shard.ts';
import { readAhead } from './read-ahead.ts';

/** A range of a Segment at most; with `RANGES_AT_ONCE` of them ahead a copy holds 32 MiB (or that many lines). */
const MAX_RANGE_BYTES = 8 * 1024 * 1024;
const RANGES_AT_ONCE = 4;

/** Whole result lines of a final file, in order. */
export type ResultChunk = readonly Uint8Array[];

/**
 * The lines of the output file (`completed`) or the error file (`failed`), in the order of the Shards and their
 * Segments: byte ranges as the Segments hold them, in the error file a Shard's left-over lines behind them.
 * `seen` gets every Shard before its lines.
 */
export function resultChunks(
  objects: Objects,
  of: PlanOf,
  outcome: SegmentLine['outcome'],
  seen: (shard: OpenedShard) => void = () => {},
): AsyncGenerator<ResultChunk> {
  async function* jobs(): AsyncGenerator<() => Promise<ResultChunk>> {
    for await (const shard of openShards(objects, of)) {
      seen(shard);
      for (const range of rangesOf(shard.segments, outcome)) yield () => readRange(objects, range);
      if (outcome === 'failed' && shard.leftOver.length > 0) yield () => leftOverLines(objects, of, shard);
    }
  }
  return readAhead(jobs(), RANGES_AT_ONCE);
}

interface Range {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  readonly lines: readonly SegmentLine[];
}

/** Lines that stand side by side are one range. */
function* rangesOf(segments: readonly CountingSegment[], outcome: SegmentLine['outcome']): Generator<Range> {
  for (const { key, lines } of segments) {
    let run: SegmentLine[] = [];
    for (const line of lines) {
      if (line.outcome !== outcome) continue;
      if (!continues(run, line)) {
        yield* rangeOf(key, run);
        run = [];
      }
      run.push(line);
    }
    yield* rangeOf(key, run);
  }
}

const endOf = ({ offset, length }: SegmentLine): number => offset + length;

function continues(run: readonly SegmentLine[], line: SegmentLine): boolean {
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined) return true;
  return line.offset === endOf(last) && endOf(line) - first.offset <= MAX_RANGE_BYTES;
}

function* rangeOf(key: string, lines: readonly SegmentLine[]): Generator<Range> {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first !== undefined && last !== undefined) yield { key, start: first.offset, end: endOf(last), lines };
}

async function readRange(objects: Objects, { key, start, end, lines }: Range): Promise<ResultChunk> {
  const bytes = await objects.getRange(key, { start, end });
  if (bytes?.length !== end - start) {
    throw new Error(`The Segment ${key} holds ${bytes?.length ?? 'none'} of the bytes ${start} to ${end}.`);
  }
  return lines.map(({ offset, length }) => bytes.subarray(offset - start, offset - start + length));
}

async function leftOverLines(
  objects: Objects,
  { batchId, plan }: { readonly batchId: BatchId } & PlanOf,
  shard: OpenedShard,
): Promise<ResultChunk> {
  const object = await objects.get(shard.objectKey);
  if (object === null) throw new Error(`The Shard object ${shard.objectKey} is gone before the Batch's end.`);
  const requests = decodeShard(object);
  const error = leftOverError(plan.as, shard);
  return shard.leftOver.map((index) => {
    const request = requests[index];
    if (request === undefined) throw new Error(`The Shard object ${shard.objectKey} has no line ${index}.`);
    const { line, customId } = request;
    return resultLine({ batchId, line, customId }, { kind: 'unanswered', ...error });
  });
}
