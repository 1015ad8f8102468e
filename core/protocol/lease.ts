import { type Change, keep, put } from '../records.ts';
import { LEASE_GRACE_MS, NO_LEASE_MS, type Shard } from './shard.ts';

export interface ClaimRequest {
  /** The dispatch sequence of the hint. */
  readonly dispatchSeq: number;
  readonly owner: string;
  readonly nonce: string;
  readonly nowMs: number;
  readonly leaseMs: number;
}
export type ClaimResult =
  | { readonly kind: 'claimed'; readonly shard: Shard }
  | { readonly kind: 'refused'; readonly why: 'gone' | 'not-open' | 'stale-hint' | 'leased' };

/** Claims a Shard for a new Attempt: raises the fence and resets the report sequence. */
export function claim(shard: Shard | null, request: ClaimRequest): Change<Shard, ClaimResult> {
  if (shard === null) return keep({ kind: 'refused', why: 'gone' });
  if (shard.lease?.nonce === request.nonce) return keep({ kind: 'claimed', shard });
  if (shard.state !== 'open') return keep({ kind: 'refused', why: 'not-open' });
  if (shard.dispatchSeq !== request.dispatchSeq) return keep({ kind: 'refused', why: 'stale-hint' });
  if (shard.lease !== null && shard.lease.leaseUntilMs >= request.nowMs - LEASE_GRACE_MS) {
    return keep({ kind: 'refused', why: 'leased' });
  }
  const claimed: Shard = {
    ...shard,
    fence: shard.fence + 1,
    lease: { owner: request.owner, nonce: request.nonce, leaseUntilMs: request.nowMs + request.leaseMs },
    reportSeq: 0,
    attempts: shard.attempts + 1,
    pastLeaseMs: {
      spot: shard.pastLeaseMs.spot + shard.currentLeaseMs.spot,
      onDemand: shard.pastLeaseMs.onDemand + shard.currentLeaseMs.onDemand,
    },
    currentLeaseMs: NO_LEASE_MS,
  };
  return put(claimed, { kind: 'claimed', shard: claimed });
}

/** The holder of a Lease, as it proves itself: the fence in hand must equal the record's. */
export interface Holder {
  readonly owner: string;
  readonly fence: number;
}

const holds = (shard: Shard, holder: Holder): boolean =>
  shard.fence === holder.fence && shard.lease?.owner === holder.owner;

export type RenewResult =
  /** `reportSeq`: the last report that the record holds under this fence. */
  | { readonly kind: 'renewed'; readonly reportSeq: number; readonly state: Shard['state'] }
  | { readonly kind: 'refused' };

/** Extends a Lease. A refusal means: stop sending, the Shard is another's, closed or paused. */
export function renew(
  shard: Shard | null,
  holder: Holder,
  at: { readonly nowMs: number; readonly leaseMs: number },
): Change<Shard, RenewResult> {
  if (shard === null || !holds(shard, holder) || shard.lease === null || shard.state === 'closed') {
    return keep({ kind: 'refused' });
  }
  const lease = { ...shard.lease, leaseUntilMs: at.nowMs + at.leaseMs };
  return put({ ...shard, lease }, { kind: 'renewed', reportSeq: shard.reportSeq, state: shard.state });
}

/**
 * Raises the fence of a Shard that the caller has just taken above one that is in use. Null: it is another's since.
 * Of a record that comes from a backup, the fences that it gives out may stand in the names of Segments already.
 */
export function raiseFence(current: Shard | null, taken: Shard, used: number): Change<Shard, Shard | null> {
  if (current === null) return keep(null);
  if (current.state !== taken.state || current.lease?.nonce !== taken.lease?.nonce) return keep(null);
  if (current.fence > used) return keep(current);
  const raised: Shard = { ...current, fence: used + 1 };
  return put(raised, raised);
}

/** Ends a Lease early: by its holder after the last flush, or for a Task that is known to have stopped. */
export function release(shard: Shard | null, holder: Holder): Change<Shard, 'released' | 'not-held'> {
  if (shard === null || !holds(shard, holder)) return keep('not-held');
  return put({ ...shard, lease: null }, 'released');
}

/** Ends the Lease of a claim from which no Attempt came: whose fence it has may not be known. */
export function releaseClaim(shard: Shard | null, nonce: string): Change<Shard, 'released' | 'not-held'> {
  if (shard?.lease?.nonce !== nonce) return keep('not-held');
  return put({ ...shard, lease: null }, 'released');
}

export type DispatchResult =
  | { readonly kind: 'dispatched'; readonly dispatchSeq: number }
  | { readonly kind: 'refused' };

/** Makes the hint that may be claimed next; older hints are void from here on. */
export function dispatch(
  shard: Shard | null,
  at: { readonly seenSeq: number; readonly nowMs: number; readonly minAgeMs: number },
): Change<Shard, DispatchResult> {
  if (shard === null || shard.state !== 'open') return keep({ kind: 'refused' });
  if (shard.dispatchSeq === at.seenSeq + 1 && shard.dispatchedAtMs === at.nowMs) {
    return keep({ kind: 'dispatched', dispatchSeq: shard.dispatchSeq });
  }
  if (!isDispatchable(shard, at) || shard.dispatchSeq !== at.seenSeq) return keep({ kind: 'refused' });
  const dispatchSeq = shard.dispatchSeq + 1;
  return put({ ...shard, dispatchSeq, dispatchedAtMs: at.nowMs }, { kind: 'dispatched', dispatchSeq });
}

/** Open, unleased, and not dispatched within the minimum age. */
export function isDispatchable(
  shard: Shard,
  at: { readonly nowMs: number; readonly minAgeMs: number },
): boolean {
  const leased = shard.lease !== null && shard.lease.leaseUntilMs >= at.nowMs - LEASE_GRACE_MS;
  const recent = shard.dispatchedAtMs !== null && shard.dispatchedAtMs > at.nowMs - at.minAgeMs;
  return shard.state === 'open' && !leased && !recent;
}

/**
 * Takes the Shard from every Attempt for good: what the closer does before it lists. Where enrol has not put the
 * record yet, the closed one is put in its place, so that a late enrol finds it and leaves it.
 */
export function closeShard(shard: Shard | null, fresh: Shard): Change<Shard, Shard> {
  const current = shard ?? fresh;
  if (current.state === 'closed') return keep(current);
  const closed: Shard = { ...current, state: 'closed', fence: current.fence + 1, lease: null };
  return put(closed, closed);
}
