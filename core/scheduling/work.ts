import type { Fleet } from '../fleet/catalogue.ts';
import { countBits } from '../protocol/bitmap.ts';
import type { Shard } from '../protocol/shard.ts';

/** The prior counts as much as this much measured Task time. */
const PRIOR_MS = 2 * 60_000;

const finishedShare = (shard: Shard): number => countBits(shard.finished) / Math.max(1, shard.lines);

const leaseMsOf = ({ pastLeaseMs, currentLeaseMs }: Shard): number =>
  pastLeaseMs.spot + pastLeaseMs.onDemand + currentLeaseMs.spot + currentLeaseMs.onDemand;

/**
 * Estimated tokens that one Task finishes a second: the catalogue's prior, replaced by what the Fleet's Shards show
 * as Task time adds up. In units of the estimate, so that a biased estimate corrects itself.
 */
export function tokensPerSecond(fleet: Fleet, shards: readonly Shard[]): number {
  let tokens = (fleet.tokensPerSecond * PRIOR_MS) / 1000;
  let ms = PRIOR_MS;
  for (const shard of shards) {
    tokens += shard.estimatedTokens * finishedShare(shard);
    ms += leaseMsOf(shard);
  }
  return (tokens / ms) * 1000;
}

/** Task milliseconds that the open lines of a Shard still need. */
export function remainingMs(shard: Shard, rate: number): number {
  if (shard.state !== 'open') return 0;
  return ((shard.estimatedTokens * (1 - finishedShare(shard))) / rate) * 1000;
}

/** The open work of one Batch. */
export interface BatchWork {
  readonly batchId: string;
  readonly deadlineMs: number;
  readonly workMs: number;
  readonly openShards: number;
}
