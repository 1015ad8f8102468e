import type { ClosePlan } from '../batch/plans.ts';
import type { BatchId, TenantId } from '../ids.ts';
import { objectKeys } from '../keys.ts';
import type { Objects } from '../ports.ts';
import { decodeIndex, type SegmentLine, TRAILER_BYTES, tailBytes } from '../segment/segment.ts';
import { readAhead } from './read-ahead.ts';

/** The index of a Segment of 500 results takes about 20 KB: mostly one GET. */
const FIRST_TAIL_BYTES = 32 * 1024;
const INDEXES_AT_ONCE = 8;
const SHARDS_AT_ONCE = 4;

/** A Segment with the lines that count from it. */
export interface CountingSegment {
  readonly key: string;
  readonly lines: readonly SegmentLine[];
}

/** What the close plan says of a Shard, with the indexes of its Segments. */
export interface OpenedShard {
  readonly number: number;
  readonly objectKey: string;
  readonly segments: readonly CountingSegment[];
  /** Keys of planned Segments that are gone or damaged. */
  readonly unreadable: readonly string[];
  /** Indexes of lines that no readable Segment holds. */
  readonly leftOver: readonly number[];
}

export interface PlanOf {
  readonly tenant: TenantId;
  readonly batchId: BatchId;
  readonly plan: ClosePlan;
}

/** The planned Shards in order, some opened ahead. */
export function openShards(objects: Objects, of: PlanOf): AsyncGenerator<OpenedShard> {
  const planned = new Map(of.plan.shards.map((shard) => [shard.number, shard.segments]));
  const jobs = of.plan.intake.shards.map((shard) => () => {
    const id = { tenant: of.tenant, batchId: of.batchId, number: shard.number };
    const names = planned.get(shard.number) ?? [];
    const keys = names.map((name) => objectKeys.segment(id, name));
    return openShard(objects, shard, keys);
  });
  return readAhead(jobs, SHARDS_AT_ONCE);
}

/**
 * Reads the indexes of a Shard's Segments, which come in order of (fence, number). A line that stands in two of them
 * counts from the first. A Segment that is gone or damaged is named; a store that fails throws.
 */
async function openShard(
  objects: Objects,
  shard: ClosePlan['intake']['shards'][number],
  keys: readonly string[],
): Promise<OpenedShard> {
  const isHeld = new Uint8Array(shard.lines);
  const segments: CountingSegment[] = [];
  const unreadable: string[] = [];
  const jobs = keys.map((key) => async () => ({ key, index: await readIndex(objects, key) }));
  for await (const { key, index } of readAhead(jobs, INDEXES_AT_ONCE)) {
    if (index === null) unreadable.push(key);
    else segments.push({ key, lines: index.filter((line) => isFirst(line.index, isHeld)) });
  }
  const leftOver = Array.from(isHeld.keys()).filter((index) => isHeld[index] === 0);
  return { number: shard.number, objectKey: shard.objectKey, segments, unreadable, leftOver };
}

function isFirst(index: number, isHeld: Uint8Array): boolean {
  if (isHeld[index] !== 0) return false;
  isHeld[index] = 1;
  return true;
}

/** Null where the Segment is gone or damaged. */
async function readIndex(objects: Objects, key: string): Promise<readonly SegmentLine[] | null> {
  const tail = await objects.getRange(key, { start: -FIRST_TAIL_BYTES });
  const sizeBytes = tail === null ? null : whole(() => tailBytes(tail.subarray(-TRAILER_BYTES)));
  if (tail === null || sizeBytes === null) return null;
  const index = sizeBytes <= tail.length ? tail : await objects.getRange(key, { start: -sizeBytes });
  return index === null ? null : whole(() => decodeIndex(index));
}

/** What decodes without an error; null for what is damaged. */
function whole<T>(decode: () => T): T | null {
  try {
    return decode();
  } catch {
    return null;
  }
}
