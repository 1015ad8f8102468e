import type { ShardId } from '../ids.ts';
import { type Change, keep, put } from '../records.ts';
import { countBits, unionBits } from './bitmap.ts';
import type { EngineDeath, LeaseMs, SegmentCounts, Shard, ShardTotals } from './shard.ts';

/** What an Attempt has achieved so far. Cumulative: the last one says everything. */
export interface Report {
  readonly shard: ShardId;
  readonly fence: number;
  /** Rises by one with each report of a fence; the first is 1. */
  readonly seq: number;
  /** Base64 bitmap of Finished lines, adopted ones among them. */
  readonly finished: string;
  /** Segments that count: those adopted, and the Attempt's own. */
  readonly segments: SegmentCounts;
  readonly deaths: readonly EngineDeath[];
  readonly totals: ShardTotals;
  /** Of this Attempt. */
  readonly leaseMs: LeaseMs;
}

export type ReportResult = 'settled' | 'recorded' | 'stale';

/**
 * Applies a report if its fence is the record's and its sequence is higher. The first report under a fence makes
 * the Segment counts of all lower fences final. The Shard settles when every line is Finished.
 */
export function applyReport(shard: Shard | null, report: Report): Change<Shard, ReportResult> {
  if (shard === null || shard.state === 'closed') return keep('stale');
  if (report.fence !== shard.fence || report.seq <= shard.reportSeq) return keep('stale');
  const finished = unionBits(shard.finished, report.finished);
  const settled = countBits(finished) === shard.lines;
  const recorded: Shard = {
    ...shard,
    reportSeq: report.seq,
    finished,
    segments: report.segments,
    countsFinalBelow: report.fence,
    deaths: unionDeaths(shard.deaths, report.deaths),
    totals: report.totals,
    currentLeaseMs: report.leaseMs,
    state: settled ? 'settled' : shard.state,
    lease: settled ? null : shard.lease,
  };
  return put(recorded, settled ? 'settled' : 'recorded');
}

/** Deaths are a set: the same one reported twice counts once, with its isolated line if either knows it. */
export function unionDeaths(a: readonly EngineDeath[], b: readonly EngineDeath[]): readonly EngineDeath[] {
  const all = new Map<string, EngineDeath>();
  for (const death of [...a, ...b]) {
    const name = `${death.fence}.${death.engineStart}`;
    all.set(name, { ...all.get(name), ...death });
  }
  return [...all.values()].sort((x, y) => x.fence - y.fence || x.engineStart - y.engineStart);
}
