import { randomBytes } from 'node:crypto';
import { apiKeyFrom, hashApiKey, isTenantId } from '../core/api-key.ts';
import type { TenantId } from '../core/ids.ts';
import { recordKeys } from '../core/keys.ts';
import type { Records } from '../core/ports.ts';
import { put } from '../core/records.ts';

export interface NewKey {
  readonly tenant: string;
  /** For people: what the key is for. */
  readonly name: string;
  readonly nowMs: number;
}

/** Makes an API key for a tenant and answers it: the only time that it is known. */
export async function createKey(records: Records, { tenant, name, nowMs }: NewKey): Promise<string> {
  if (!isTenantId(tenant)) {
    throw new Error(`'${tenant}' is no tenant id: use lower case letters, digits and hyphens, at most 63.`);
  }
  const apiKey = apiKeyFrom(randomBytes(32));
  const record = { tenant: tenant as TenantId, name, createdAtMs: nowMs };
  await records.change(recordKeys.apiKey(hashApiKey(apiKey)), () => put(record, undefined));
  return apiKey;
}
