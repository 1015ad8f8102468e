import { hashApiKey } from '../core/api-key.ts';
import { recordKeys } from '../core/keys.ts';
import type { Records } from '../core/ports.ts';
import { remove } from '../core/records.ts';

/** Revokes an API key; false where there was none. API Gateway may let it in for another minute. */
export const revokeKey = (records: Records, apiKey: string): Promise<boolean> =>
  records.change(recordKeys.apiKey(hashApiKey(apiKey)), (key) => remove(key !== null));
