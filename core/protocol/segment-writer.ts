import type { ShardId } from '../ids.ts';
import { objectKeys } from '../keys.ts';
import type { Objects } from '../ports.ts';
import { encodeSegment, type FinishedLine } from '../segment/segment.ts';

export interface SegmentWriter {
  /**
   * Stores what is pending from a put that failed, the very same bytes, or else one Segment of the lines that
   * `take` gives. Answers the lines that are stored now; throws where the put fails: call again. Number n + 1 is
   * put only after n is acknowledged, so the Segments of a fence have no gaps.
   */
  flush(take: () => readonly FinishedLine[]): Promise<readonly FinishedLine[]>;
  /** Segments of this fence that are acknowledged: what a report may count. */
  stored(): number;
}

/** Writes the Segments of one Attempt. */
export function segmentWriter(objects: Objects, shard: ShardId, fence: number): SegmentWriter {
  let stored = 0;
  let pending: { readonly lines: readonly FinishedLine[]; readonly bytes: Uint8Array } | null = null;
  let flushing: Promise<readonly FinishedLine[]> | null = null;

  async function flush(take: () => readonly FinishedLine[]): Promise<readonly FinishedLine[]> {
    if (pending === null) {
      const lines = take();
      if (lines.length === 0) return [];
      pending = { lines, bytes: encodeSegment(lines) };
    }
    const { lines, bytes } = pending;
    const key = objectKeys.segment(shard, { fence, number: stored + 1 });
    if ((await objects.putOnce(key, bytes)) === 'taken') throw new Error(`${key} is taken by other bytes.`);
    stored++;
    pending = null;
    return lines;
  }

  return {
    stored: () => stored,
    flush(take) {
      flushing ??= flush(take).finally(() => {
        flushing = null;
      });
      return flushing;
    },
  };
}
