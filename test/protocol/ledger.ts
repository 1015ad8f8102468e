import type { Batch } from '../../core/batch/batch.ts';
import type { ShardId } from '../../core/ids.ts';
import { bitReader } from '../../core/protocol/bitmap.ts';
import type { Shard } from '../../core/protocol/shard.ts';
import type { Stage } from './stage.ts';

/** Clocks of two actors may differ by twice this. */
const SKEW_MS = 15_000;

export interface Ledger {
  /** Called with every write of a record, in order. */
  wrote(sk: string, before: unknown, after: unknown): void;
  /** An Attempt has adopted these lines (a bitmap). */
  adopted(shard: ShardId, fence: number, finished: string, valid: boolean): void;
  /** A line goes to the engine. */
  sent(shard: ShardId, fence: number, index: number): void;
  /** Indexes of a Shard that may not be lost any more. */
  finishedOf(shard: ShardId): ReadonlySet<number>;
  broken(what: string): void;
  readonly violations: readonly string[];
}

interface Account {
  readonly finished: Set<number>;
  /** What was Finished when the Attempt of this fence claimed. */
  readonly atClaim: Map<number, ReadonlySet<number>>;
  /** The highest fence that was claimed while an older Lease had run out by time alone. */
  exclusiveFrom: number;
}

const nameOf = ({ batchId, number }: ShardId): string => `${batchId}/${number}`;

/** Watches what actors do, as nobody inside can, and notes what must never happen. */
export function openLedger(stage: Stage): Ledger {
  const accounts = new Map<string, Account>();
  const violations: string[] = [];
  const broken = (what: string): void => void violations.push(`${what} (at effect ${stage.effects()})`);

  const accountOf = (shard: ShardId): Account => {
    const account = accounts.get(nameOf(shard)) ?? {
      finished: new Set(),
      atClaim: new Map(),
      exclusiveFrom: 0,
    };
    accounts.set(nameOf(shard), account);
    return account;
  };

  function finish(shard: ShardId, bits: string): void {
    const isSet = bitReader(bits);
    const account = accountOf(shard);
    for (let i = 0; i < 64; i++) if (isSet(i)) account.finished.add(i);
  }

  function shardWritten(before: Shard | null, after: Shard): void {
    const name = nameOf(after);
    if (before !== null && after.fence < before.fence) broken(`The fence of ${name} fell`);
    if (before !== null && before.state !== 'open' && after.state === 'open')
      broken(`${name} was opened again`);
    if (after.state !== 'closed') finish(after, after.finished);
    const claimed = after.lease !== null && after.fence > (before?.fence ?? 0);
    if (!claimed) return;
    const account = accountOf(after);
    account.atClaim.set(after.fence, new Set(account.finished));
    if (before?.lease != null) account.exclusiveFrom = after.fence;
  }

  function batchWritten(before: Batch, after: Batch): void {
    if (before.phase.kind === 'over' && JSON.stringify(before.phase) !== JSON.stringify(after.phase)) {
      broken(`The outcome of ${after.id} changed`);
    }
    if (before.phase.kind !== 'closing' && after.phase.kind === 'closing' && after.phase.as === 'expired') {
      if (after.deadlineMs > stage.nowMs() + SKEW_MS + 1) broken(`${after.id} expired before its Deadline`);
    }
    const wasCancelled = before.phase.kind === 'closing' && before.phase.as === 'cancelled';
    if (wasCancelled && after.phase.kind === 'over' && after.phase.as !== 'cancelled') {
      broken(`${after.id} was cancelled and ended ${after.phase.as}`);
    }
  }

  return {
    broken,
    violations,
    wrote(sk, before, after) {
      if (after === null) return;
      if (sk.startsWith('SHARD#')) shardWritten(before as Shard | null, after as Shard);
      else if (sk.startsWith('BATCH#') && 'phase' in (after as object) && before !== null) {
        batchWritten(before as Batch, after as Batch);
      }
    },
    adopted(shard, _fence, finished, valid) {
      if (valid) finish(shard, finished);
    },
    sent(shard, fence, index) {
      const account = accountOf(shard);
      const where = `Line ${index} of ${nameOf(shard)} under fence ${fence}`;
      if (account.atClaim.get(fence)?.has(index)) broken(`${where} was Finished at the claim and sent again`);
      if (fence < account.exclusiveFrom) broken(`${where} was sent though another had claimed`);
    },
    finishedOf: (shard) => accountOf(shard).finished,
  };
}
