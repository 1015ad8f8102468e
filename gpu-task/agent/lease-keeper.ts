import type { AgentTime } from '../../core/agent/ports.ts';
import type { ShardId } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Records } from '../../core/ports.ts';
import { type Holder, renew } from '../../core/protocol/lease.ts';
import { type Log, reasonOf } from './log.ts';

export interface LeaseKeeper {
  /** False from the end of the Lease by our own clock on: nothing is sent to the engine then. */
  isValid(): boolean;
  /** Ends the renewals, and resolves once none is under way. */
  stop(): Promise<void>;
}

export interface LeaseKeeperOptions {
  readonly records: Records;
  readonly shard: ShardId;
  readonly holder: Holder;
  readonly leaseMs: number;
  /** Monotonic, from before the claim was sent. */
  readonly claimedAtMs: number;
  readonly time: AgentTime;
  readonly log: Log;
  readonly onRenewed: () => void;
  /** The Shard is another's, closed or paused. */
  readonly onLost: () => void;
}

/** Three renewals fit into a Lease, so that one may fail. */
export const renewEveryMs = (leaseMs: number): number => Math.floor(leaseMs / 3);
/** After a renewal that failed there is little time left for the next ones. */
const retryEveryMs = (leaseMs: number): number => Math.floor(leaseMs / 15);

/** Renews a Lease until told to stop or refused. */
export function leaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const { records, shard, holder, leaseMs, time } = options;
  const stopped = new AbortController();
  let untilMs = options.claimedAtMs + leaseMs;

  async function renewOnce(): Promise<'renewed' | 'refused' | 'failed'> {
    const at = { nowMs: time.nowMs(), leaseMs };
    const sentAtMs = time.monotonicMs();
    try {
      const { kind } = await records.change(recordKeys.shard(shard), (record) => renew(record, holder, at));
      if (kind === 'renewed') untilMs = sentAtMs + leaseMs;
      return kind;
    } catch (error) {
      options.log.warn('A Lease could not be renewed; trying again.', { reason: reasonOf(error) });
      return 'failed';
    }
  }

  async function keep(): Promise<void> {
    // Of what it took to open the Shard since the claim, nothing is left to the renewals.
    const openedMs = time.monotonicMs() - options.claimedAtMs;
    for (let waitMs = Math.max(0, renewEveryMs(leaseMs) - openedMs); ; ) {
      await time.sleep(waitMs, stopped.signal);
      if (stopped.signal.aborted) return;
      const result = await renewOnce();
      if (stopped.signal.aborted) return;
      if (result === 'refused') return options.onLost();
      if (result === 'renewed') options.onRenewed();
      waitMs = result === 'renewed' ? renewEveryMs(leaseMs) : retryEveryMs(leaseMs);
    }
  }

  const keeping = keep();
  return {
    isValid: () => time.monotonicMs() < untilMs,
    async stop() {
      stopped.abort();
      await keeping;
    },
  };
}
