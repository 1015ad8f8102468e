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

/** To be asked when no key is left: since when that is known, which is from now on where nobody has asked before. */
export function revokedSince(
  deletion: TenantDeletion | null,
  { tenant, nowMs }: { readonly tenant: TenantId; readonly nowMs: number },
): Change<TenantDeletion, number> {
  const known = deletion?.revokedAtMs ?? null;
  return known === null ? put({ tenant, revokedAtMs: nowMs }, nowMs) : keep(known);
}
