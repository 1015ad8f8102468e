import { recordKeys } from '../keys.ts';
import type { Hint, Objects, Records } from '../ports.ts';
import { totalsOf } from '../segment/segment.ts';
import { bitsOf } from './bitmap.ts';
import { type ClaimRequest, type ClaimResult, claim } from './lease.ts';
import { poisonedLines, runsIsolated } from './poison.ts';
import { adoptSegments } from './segment-index.ts';
import type { SegmentCounts, Shard, ShardTotals } from './shard.ts';

/** What a new Attempt goes on from. */
export interface Attempt {
  readonly kind: 'started';
  /** As claimed; its fence is the Attempt's. */
  readonly shard: Shard;
  /** Segments that count so far: they go into every report, the Attempt's own beside them. */
  readonly adopted: SegmentCounts;
  /** Base64 bitmap of the lines that are Finished: never send them. */
  readonly finished: string;
  /** Of the Finished lines. */
  readonly totals: ShardTotals;
  /** Indexes to compute. */
  readonly open: readonly number[];
  /** Indexes among them to fail with their own error instead. */
  readonly poisoned: readonly number[];
  /** Run alone on the engine, one line at a time, each recorded with `isolate` before it is sent. */
  readonly isolated: boolean;
}

/**
 * Begins an Attempt: claims the Shard, then lists and adopts its Segments. Called again with the same nonce after
 * a lost answer it finds its own claim. The Lease runs from before the first call, by the caller's own clock.
 */
export async function startAttempt(
  ports: { readonly records: Records; readonly objects: Objects },
  hint: Hint,
  request: Omit<ClaimRequest, 'dispatchSeq'>,
): Promise<Attempt | Extract<ClaimResult, { kind: 'refused' }>> {
  const claimed = await ports.records.change(recordKeys.shard(hint.shard), (shard) =>
    claim(shard, { ...request, dispatchSeq: hint.dispatchSeq }),
  );
  if (claimed.kind === 'refused') return claimed;
  const adopted = await adoptSegments(ports, claimed.shard);
  if (adopted === null) return { kind: 'refused', why: 'leased' };
  const { shard, counts, lines } = adopted;
  const finished = new Set(lines.map((line) => line.index));
  const open = Array.from({ length: shard.lines }, (_, index) => index).filter((i) => !finished.has(i));
  const poisoned = new Set(poisonedLines(shard.deaths));
  return {
    kind: 'started',
    shard,
    adopted: counts,
    finished: bitsOf(finished, shard.lines),
    totals: totalsOf(lines),
    open,
    poisoned: open.filter((index) => poisoned.has(index)),
    isolated: runsIsolated(shard.deaths),
  };
}
