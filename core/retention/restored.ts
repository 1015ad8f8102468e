import { recordKeys } from '../keys.ts';
import type { Loop } from '../protocol/loop.ts';
import type { Shard } from '../protocol/shard.ts';

/** Far above what is given out in the weeks that a backup may be old; a Segment's key has room for 999 restores. */
const STEP = 100_000;

/** A record with its key, as a backup holds it. */
export interface BackedUp {
  readonly pk: string;
  readonly sk: string;
  readonly record: unknown;
}

/**
 * What a record of a backup becomes in the table that it is restored to; null: it is left out. Fences and generations
 * that were given out since are not given out again, and nobody holds a Lease or waits. Without the clean-up's record
 * a day passes before what the backup does not know of is deleted.
 */
export function restored({ pk, sk, record }: BackedUp): unknown {
  if (pk === recordKeys.cleanUp().pk) return null;
  if (sk === LOOP) return restoredLoop(record as Loop);
  return sk.startsWith(SHARDS) && pk.startsWith('T#') ? restoredShard(record as Shard) : record;
}

const LOOP = 'LOOP';
const SHARDS = 'SHARD#';

const restoredLoop = (loop: Loop): Loop => ({ ...loop, generation: loop.generation + STEP, waiter: null });
const restoredShard = (shard: Shard): Shard => ({ ...shard, fence: shard.fence + STEP, lease: null });
