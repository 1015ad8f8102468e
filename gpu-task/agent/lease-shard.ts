import type { Hint } from '../../core/ports.ts';
import { type Attempt as StartedAttempt, startAttempt } from '../../core/protocol/start-attempt.ts';
import { decodeShard, type ShardLine } from '../../core/shard/object.ts';
import type { AgentDeps } from './deps.ts';
import { reasonOf } from './log.ts';

/** A Shard that is ours, and what is in it. */
export interface LeasedShard {
  readonly kind: 'leased';
  readonly started: StartedAttempt;
  readonly lines: readonly ShardLine[];
  /** Monotonic, from before the claim was sent. */
  readonly claimedAtMs: number;
}
export type LeaseResult = LeasedShard | { readonly kind: 'refused'; readonly why: string };

const TRIES = 3;
const RETRY_AFTER_MS = 500;

/** Claims the Shard of a hint and reads it. The nonce stays the same over retries, so a lost answer is found again. */
export async function leaseShard(deps: AgentDeps, hint: Hint): Promise<LeaseResult> {
  const { records, objects, owner, time, fleet } = deps;
  const nonce = deps.newNonce();
  const claimedAtMs = time.monotonicMs();
  const request = { owner, nonce, nowMs: time.nowMs(), leaseMs: fleet.leaseMs };
  for (let tries = 1; ; tries++) {
    try {
      const started = await startAttempt({ records, objects }, hint, request);
      if (started.kind === 'refused') return started;
      const object = await objects.get(started.shard.objectKey);
      if (object === null) throw new Error(`The Shard object ${started.shard.objectKey} is gone.`);
      const lines = decodeShard(object);
      return { kind: 'leased', started, lines, claimedAtMs };
    } catch (error) {
      if (tries === TRIES) throw error;
      deps.log.warn('A Shard could not be opened; trying again.', { reason: reasonOf(error) });
      await time.sleep(RETRY_AFTER_MS * tries);
    }
  }
}
