import { NO_TOTALS, type ShardTotals } from '../protocol/shard.ts';
import { addTotals } from '../segment/segment.ts';
import { isLost } from './left-over.ts';
import type { OpenedShard } from './open-shard.ts';

export interface Surveyed {
  /** As the Batch shows them: lines that were too late are in neither count, lines that were lost are failed. */
  readonly totals: ShardTotals;
  /** Lines of the error file. */
  readonly errorLines: number;
  readonly unreadable: readonly string[];
}

/** Adds up what the Shards of a close plan hold. */
export function survey() {
  let totals = NO_TOTALS;
  let leftOver = 0;
  let lost = 0;
  const unreadable: string[] = [];
  return {
    see(shard: OpenedShard): void {
      for (const { lines } of shard.segments) totals = addTotals(totals, lines);
      leftOver += shard.leftOver.length;
      if (isLost(shard)) lost += shard.leftOver.length;
      unreadable.push(...shard.unreadable);
    },
    end: (): Surveyed => ({
      totals: { ...totals, failed: totals.failed + lost },
      errorLines: totals.failed + leftOver,
      unreadable,
    }),
  };
}
