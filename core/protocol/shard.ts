import type { ShardId, TenantId } from '../ids.ts';

/** A Lease outlives its end by this much for others, so that clocks may differ by as much. */
export const LEASE_GRACE_MS = 30_000;

export interface Lease {
  /** The Task that holds it (its ARN). */
  readonly owner: string;
  /** Made anew for each claim: tells a lost answer from a lost race. */
  readonly nonce: string;
  readonly leaseUntilMs: number;
}

/** One death of the engine (or of its agent) while it held this Shard. */
export interface EngineDeath {
  readonly fence: number;
  /** Counts the engine's starts within its Task. */
  readonly engineStart: number;
  /** The line that ran alone when it died; absent where lines ran together. */
  readonly isolatedIndex?: number;
}

/** The line that runs alone on its engine; recorded before it is sent. */
export interface IsolatedLine {
  readonly fence: number;
  readonly index: number;
  /** The engine start under which it was sent. */
  readonly engineStart: number;
}

/** What the Finished lines of a Shard add up to; cumulative over all Attempts. */
export interface ShardTotals {
  /** Lines with a 2xx answer. */
  readonly completed: number;
  /** Lines with a final error. */
  readonly failed: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** Task milliseconds spent on a Shard under Lease, by capacity provider; a Task's time is split among its Shards. */
export interface LeaseMs {
  readonly spot: number;
  readonly onDemand: number;
}

/** Number of Segments that count, by fence (decimal string). */
export type SegmentCounts = Readonly<Record<string, number>>;

/**
 * The Shard record. `open` may be leased; `settled` has a final result for every line; `closed` belongs to the
 * closer. The fence never falls.
 */
export interface Shard {
  readonly tenant: TenantId;
  readonly batchId: ShardId['batchId'];
  readonly number: number;
  /** The immutable Shard object. */
  readonly objectKey: string;
  /** Of the wire, `/v1/…`: all of its Requests are for this one. */
  readonly endpoint: string;
  /** As all of its Requests name it: the Fleet's own, or an adapter's. */
  readonly model: string;
  readonly lines: number;
  readonly estimatedTokens: number;
  readonly state: 'open' | 'settled' | 'closed';
  readonly fence: number;
  readonly lease: Lease | null;
  readonly dispatchSeq: number;
  readonly dispatchedAtMs: number | null;
  /** Of the current fence; 0 after a claim. */
  readonly reportSeq: number;
  /** Base64; bit i is line index i, lowest bit first. */
  readonly finished: string;
  readonly segments: SegmentCounts;
  /** The fence of the last recorded report: counts of all lower fences are final. */
  readonly countsFinalBelow: number;
  readonly deaths: readonly EngineDeath[];
  readonly isolated: IsolatedLine | null;
  readonly totals: ShardTotals;
  /** Of the Attempts before the current one. */
  readonly pastLeaseMs: LeaseMs;
  /** Of the current Attempt, as last reported. */
  readonly currentLeaseMs: LeaseMs;
  /** Claims so far. */
  readonly attempts: number;
}

export const NO_TOTALS: ShardTotals = {
  completed: 0,
  failed: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

/** Of both together. */
export const plusTotals = (a: ShardTotals, b: ShardTotals): ShardTotals => ({
  completed: a.completed + b.completed,
  failed: a.failed + b.failed,
  inputTokens: a.inputTokens + b.inputTokens,
  cachedTokens: a.cachedTokens + b.cachedTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  reasoningTokens: a.reasoningTokens + b.reasoningTokens,
});

export const NO_LEASE_MS: LeaseMs = { spot: 0, onDemand: 0 };

/** A Shard as enrol puts it, where no record is yet. */
export function newShard(
  id: ShardId,
  cut: Pick<Shard, 'objectKey' | 'endpoint' | 'model' | 'lines' | 'estimatedTokens'>,
): Shard {
  return {
    ...id,
    ...cut,
    state: 'open',
    fence: 0,
    lease: null,
    dispatchSeq: 0,
    dispatchedAtMs: null,
    reportSeq: 0,
    finished: '',
    segments: {},
    countsFinalBelow: 0,
    deaths: [],
    isolated: null,
    totals: NO_TOTALS,
    pastLeaseMs: NO_LEASE_MS,
    currentLeaseMs: NO_LEASE_MS,
    attempts: 0,
  };
}
