import { recordKeys } from '../../core/keys.ts';
import type { Hint } from '../../core/ports.ts';
import { releaseClaim } from '../../core/protocol/lease.ts';
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

/**
 * Claims the Shard of a hint and reads it; one that cannot be read is released. The nonce stays the same over retries,
 * so a lost answer is found again. After `halt` nothing is tried again.
 */
export async function leaseShard(deps: AgentDeps, hint: Hint, halt: AbortSignal): Promise<LeaseResult> {
  const nonce = deps.newNonce();
  try {
    return await openShard(deps, hint, { nonce, halt });
  } catch (error) {
    await deps.records
      .change(recordKeys.shard(hint.shard), (shard) => releaseClaim(shard, nonce))
      .catch((reason: unknown) => {
        deps.log.warn('A Lease is left to run out.', { reason: reasonOf(reason) });
      });
    throw error;
  }
}

async function openShard(
  { records, objects, owner, time, fleet, log }: AgentDeps,
  hint: Hint,
  { nonce, halt }: { readonly nonce: string; readonly halt: AbortSignal },
): Promise<LeaseResult> {
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
      if (tries === TRIES || halt.aborted) throw error;
      log.warn('A Shard could not be opened; trying again.', { reason: reasonOf(error) });
      await time.sleep(RETRY_AFTER_MS * tries, halt);
    }
  }
}
