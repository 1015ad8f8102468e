import type { TenantId } from '../ids.ts';
import { type Change, keep, put } from '../records.ts';

/** A deletion of a tenant that has begun: what the next run must know, should this one be killed. */
export interface TenantDeletion {
  readonly tenant: TenantId;
  /** When the last of its API keys was revoked; null: some may be in force. */
  readonly revokedAtMs: number | null;
}

/** To be written before keys are revoked. */
export const revoking = (tenant: TenantId): Change<TenantDeletion, undefined> =>
  put({ tenant, revokedAtMs: null }, undefined);

/** To be asked when no key is left: since when there is none, now at the latest; null: there never was one. */
export function revokedSince(
  deletion: TenantDeletion | null,
  nowMs: number,
): Change<TenantDeletion, number | null> {
  if (deletion === null) return keep(null);
  if (deletion.revokedAtMs !== null) return keep(deletion.revokedAtMs);
  return put({ ...deletion, revokedAtMs: nowMs }, nowMs);
}
