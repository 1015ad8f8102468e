import type { ApiKey } from '../core/keys.ts';
import type { WholeTable } from '../core/retention/ports.ts';

/** The records of all API keys, or of a tenant's, oldest first. The keys themselves are not known. */
export async function listKeys(
  table: Pick<WholeTable, 'scan'>,
  tenant: string | undefined,
): Promise<readonly ApiKey[]> {
  const keys: ApiKey[] = [];
  for await (const page of table.scan()) {
    const found = page.filter(({ pk }) => pk.startsWith('KEY#')) as unknown as readonly ApiKey[];
    keys.push(...found.filter((key) => tenant === undefined || key.tenant === tenant));
  }
  return keys.sort((a, b) => a.createdAtMs - b.createdAtMs);
}
