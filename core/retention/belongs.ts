import type { TenantId } from '../ids.ts';
import { recordKeys } from '../keys.ts';
import type { TableItem } from './ports.ts';

/**
 * Whether a record is a tenant's: it lies below the tenant's keys, or names the tenant, as API keys and entries of the
 * open index and of Fleets do.
 */
export function belongsTo({ pk, tenant: named }: TableItem, tenant: TenantId): boolean {
  const own = recordKeys.batches(tenant).pk;
  return pk === own || pk.startsWith(`${own}#`) || named === tenant;
}
