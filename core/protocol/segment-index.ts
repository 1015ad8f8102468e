import type { ShardId } from '../ids.ts';
import { objectKeys, recordKeys, segmentNameOf } from '../keys.ts';
import type { Objects, Records } from '../ports.ts';
import { decodeIndex, type SegmentLine, TRAILER_BYTES, tailBytes } from '../segment/segment.ts';
import { mapSome } from './each.ts';
import { raiseFence } from './lease.ts';
import { adopt, inOrder, type SegmentName } from './segments.ts';
import type { SegmentCounts, Shard } from './shard.ts';

/** Holds the index of a Segment of 500 results, the most that one has by default, so that one GET is enough. */
const FIRST_TAIL_BYTES = 32 * 1024;

/** Reads a Segment's index from its tail. Throws where there is no such Segment or it is damaged. */
export async function readSegmentIndex(
  objects: Objects,
  shard: ShardId,
  name: SegmentName,
): Promise<readonly SegmentLine[]> {
  const key = objectKeys.segment(shard, name);
  const tail = await tailOf(objects, key, FIRST_TAIL_BYTES);
  const size = tailBytes(tail.subarray(-TRAILER_BYTES));
  return decodeIndex(size <= tail.length ? tail : await tailOf(objects, key, size));
}

async function tailOf(objects: Objects, key: string, bytes: number): Promise<Uint8Array> {
  const tail = await objects.getRange(key, { start: -bytes });
  if (tail === null) throw new Error(`The Segment ${key} is gone.`);
  return tail;
}

/** The Segments that the object store shows for a Shard, of all fences. */
export async function listSegments(objects: Objects, shard: ShardId): Promise<readonly SegmentName[]> {
  const listed = await objects.list(objectKeys.segments(shard));
  return listed.flatMap(({ key }) => segmentNameOf(key) ?? []);
}

export interface Adopted {
  /** As it was taken, or with a fence that was raised above those of all Segments. */
  readonly shard: Shard;
  readonly counts: SegmentCounts;
  /** Every Finished line once, as the Segment that counts for it says. */
  readonly lines: readonly SegmentLine[];
}

/**
 * Lists a Shard's Segments and adopts those that count, for whoever has just raised the fence to `taken.fence`.
 * The order matters: what is listed before the fence is raised may miss a Segment that is reported in between.
 * Null: a Segment of this fence or a higher one is there, and the Shard is another's by now.
 */
export async function adoptSegments(
  { records, objects }: { readonly records: Records; readonly objects: Objects },
  taken: Shard,
): Promise<Adopted | null> {
  const listed = await listSegments(objects, taken);
  const used = listed.reduce((highest, { fence }) => Math.max(highest, fence), 0);
  const shard =
    used < taken.fence
      ? taken
      : await records.change(recordKeys.shard(taken), (current) => raiseFence(current, taken, used));
  if (shard === null) return null;
  const counts = adopt(shard, listed);
  const indexes = await mapSome(inOrder(counts), (name) => readSegmentIndex(objects, shard, name));
  const lines = new Map<number, SegmentLine>();
  for (const line of indexes.flat()) if (!lines.has(line.index)) lines.set(line.index, line);
  return { shard, counts, lines: [...lines.values()] };
}
