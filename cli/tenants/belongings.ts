import type { FleetId, TenantId } from '../../core/ids.ts';
import { recordKeys, tenantPrefixes } from '../../core/keys.ts';
import { belongsTo } from '../../core/retention/belongs.ts';
import type { ObjectVersions, TableItem, WholeTable } from '../../core/retention/ports.ts';

export interface TenantStore {
  readonly table: WholeTable;
  readonly versions: ObjectVersions;
}

type ItemKey = Pick<TableItem, 'pk' | 'sk'>;

/** What there is of a tenant: what a deletion would take, and the proof that it took all. */
export interface Belongings {
  readonly records: number;
  /** Of the records of its API keys. */
  readonly apiKeys: readonly ItemKey[];
  readonly batchIds: ReadonlySet<string>;
  /** Until then URLs that were handed out take bytes; 0: there are none. */
  readonly uploadUrlsUntilMs: number;
  /** Of any tenant: Fleets whose last plan is noted, with the ids of the Batches that it saw. */
  readonly plannedFleets: readonly FleetId[];
  /** Versions of objects and delete markers. */
  readonly versions: number;
  readonly uploads: number;
}

/** Goes through the whole table and through the tenant's objects. */
export async function findBelongings(store: TenantStore, tenant: TenantId): Promise<Belongings> {
  const { pk: ownPk, skPrefix: batchPrefix } = recordKeys.batches(tenant);
  const apiKeys: ItemKey[] = [];
  const batchIds = new Set<string>();
  const plannedFleets: FleetId[] = [];
  let [records, uploadUrlsUntilMs] = [0, 0];
  for await (const page of store.table.scan()) {
    for (const { pk, sk, ...item } of page) {
      if (sk === 'SUMMARY') plannedFleets.push(item['fleetId'] as FleetId);
      if (!belongsTo({ pk, sk, ...item }, tenant)) continue;
      records++;
      if (pk.startsWith('KEY#')) apiKeys.push({ pk, sk });
      if (pk === ownPk && sk.startsWith(batchPrefix)) batchIds.add(sk.slice(batchPrefix.length));
      if (sk.startsWith('UPLOAD#'))
        uploadUrlsUntilMs = Math.max(uploadUrlsUntilMs, Number(item['expiresAtMs']));
    }
  }
  const objects = await countObjects(store, tenant);
  return { records, apiKeys, batchIds, uploadUrlsUntilMs, plannedFleets, ...objects };
}

async function countObjects({ versions: store }: TenantStore, tenant: TenantId) {
  let [versions, uploads] = [0, 0];
  for (const prefix of tenantPrefixes(tenant)) {
    for await (const page of store.list(prefix)) versions += page.length;
    for await (const page of store.unfinished(prefix)) uploads += page.length;
  }
  return { versions, uploads };
}

export const isNothing = ({ records, versions, uploads }: Belongings): boolean =>
  records + versions + uploads === 0;

export const describeBelongings = ({ records, versions, uploads }: Belongings): string =>
  `${records} records, ${versions} object versions, ${uploads} unfinished uploads`;
