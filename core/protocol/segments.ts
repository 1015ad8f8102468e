import type { SegmentCounts, Shard } from './shard.ts';

/** Names a Segment within its Shard. Numbers of a fence count from 1 without gaps. */
export interface SegmentName {
  readonly fence: number;
  readonly number: number;
}

/**
 * Which of the listed Segments count for an Attempt or a closer that holds `shard`: of fences below
 * `countsFinalBelow` what the record says, of later ones the contiguous prefix that the listing shows. A Segment
 * put by a holder that has lost its Lease may be listed and still not count.
 */
export function adopt(shard: Shard, listed: readonly SegmentName[]): SegmentCounts {
  const counts: Record<string, number> = {};
  for (const [fence, count] of Object.entries(shard.segments)) {
    if (Number(fence) < shard.countsFinalBelow) counts[fence] = count;
  }
  for (const [fence, numbers] of byFence(listed)) {
    if (fence < shard.countsFinalBelow || fence > shard.fence) continue;
    const count = contiguousPrefix(numbers);
    if (count > 0) counts[fence] = count;
  }
  return counts;
}

function byFence(listed: readonly SegmentName[]): Map<number, Set<number>> {
  const fences = new Map<number, Set<number>>();
  for (const { fence, number } of listed) fences.set(fence, (fences.get(fence) ?? new Set()).add(number));
  return fences;
}

function contiguousPrefix(numbers: ReadonlySet<number>): number {
  let count = 0;
  while (numbers.has(count + 1)) count++;
  return count;
}

/** The Segments that count, lowest (fence, number) first: where a line stands in two, the first one is it. */
export function inOrder(counts: SegmentCounts): readonly SegmentName[] {
  return Object.entries(counts)
    .map(([fence, count]) => ({ fence: Number(fence), count }))
    .sort((a, b) => a.fence - b.fence)
    .flatMap(({ fence, count }) => Array.from({ length: count }, (_, i) => ({ fence, number: i + 1 })));
}
