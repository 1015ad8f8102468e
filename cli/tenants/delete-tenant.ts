import type { TenantId } from '../../core/ids.ts';
import { type OpenBatch, recordKeys, tenantPrefixes } from '../../core/keys.ts';
import type { Clock, Executions, Records } from '../../core/ports.ts';
import { cancel } from '../../core/protocol/ending.ts';
import { wakeLifecycle } from '../../core/protocol/wake-lifecycle.ts';
import { keep, put } from '../../core/records.ts';
import { belongsTo } from '../../core/retention/belongs.ts';
import { revokedSince, revoking } from '../../core/retention/tenant-deletion.ts';
import { type Belongings, findBelongings, isNothing, type TenantStore } from './belongings.ts';

export interface DeletePorts extends TenantStore {
  readonly records: Records;
  readonly executions: Executions;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<void>;
  /** Notices. */
  readonly say: (text: string) => void;
}

/** API Gateway lets a key in for this long after it was revoked (lib/batch-api.ts), and a call takes 29 s at most. */
const KEYS_LINGER_MS = 90_000;
const LOOK_EVERY_MS = 5_000;

/**
 * Deletes everything of a tenant. Answers what was there, and what is left, read anew: nothing, unless somebody has
 * added to it meanwhile. Throws where Batches are open that it may not cancel. May be stopped anywhere and run again.
 */
export async function deleteTenant(
  ports: DeletePorts,
  tenant: TenantId,
  { mayCancel }: { readonly mayCancel: boolean },
): Promise<{ readonly found: Belongings; readonly left: Belongings }> {
  const { table } = ports;
  await refuseOpen(ports, tenant, mayCancel);
  const found = await findBelongings(ports, tenant);
  await revokeKeys(ports, tenant, found);
  await refuseOpen(ports, tenant, mayCancel);
  await endBatches(ports, tenant);
  // Keys that were still let in have begun more since.
  const since = await findBelongings(ports, tenant);
  await leaveSummaries(ports, since);
  for await (const page of table.scan()) {
    await table.remove(page.filter((item) => belongsTo(item, tenant)));
  }
  await removeObjects(ports, tenant);
  const { uploadUrlsUntilMs } = since;
  return { found: { ...found, uploadUrlsUntilMs }, left: await findBelongings(ports, tenant) };
}

/**
 * Revokes, and waits until nobody is let in any more: also by keys that were revoked before this, by whomever, for
 * nobody knows when. A run that was killed while it waited has not waited.
 */
async function revokeKeys(
  { records, table, clock, pause, say }: DeletePorts,
  tenant: TenantId,
  found: Belongings,
): Promise<void> {
  if (isNothing(found)) return;
  const { apiKeys } = found;
  const deletion = recordKeys.tenantDeletion(tenant);
  if (apiKeys.length > 0) {
    await records.change(deletion, () => revoking(tenant));
    await table.remove(apiKeys);
    say(`${apiKeys.length} API keys revoked.`);
  }
  const sinceMs = await records.change(deletion, (begun) =>
    revokedSince(begun, { tenant, nowMs: clock.nowMs() }),
  );
  const leftMs = sinceMs + KEYS_LINGER_MS - clock.nowMs();
  if (leftMs <= 0) return;
  say(`Waiting for ${Math.ceil(leftMs / 1000)} s, until nobody is let in any more.`);
  await pause(leftMs);
}

async function openBatchesOf({ records }: DeletePorts, tenant: TenantId): Promise<readonly OpenBatch[]> {
  const open = await records.query(recordKeys.openBatches());
  return open.filter((batch) => batch.tenant === tenant);
}

async function refuseOpen(ports: DeletePorts, tenant: TenantId, mayCancel: boolean): Promise<void> {
  const open = await openBatchesOf(ports, tenant);
  if (open.length === 0 || mayCancel) return;
  const ids = open.map(({ batchId }) => batchId).slice(0, 5);
  throw new Error(
    `${tenant} has ${open.length} open Batches (${ids.join(', ')}${open.length > ids.length ? ', …' : ''}). Wait until they are over, or cancel them with --cancel.`,
  );
}

/** Cancels, and waits until each has its outcome and was told: then nobody works on it any more. */
async function endBatches(ports: DeletePorts, tenant: TenantId): Promise<void> {
  const { records, clock, pause, say } = ports;
  let waitsFor = -1;
  for (;;) {
    const open = await openBatchesOf(ports, tenant);
    if (open.length === 0) return;
    if (open.length !== waitsFor) say(`${open.length} Batches cancelled; waiting for their end.`);
    waitsFor = open.length;
    for (const { batchId } of open) {
      await records.change(recordKeys.batch(tenant, batchId), (batch) => cancel(batch, clock.nowMs()));
      await wakeLifecycle(ports, { tenant, batchId });
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** The last plan of a Fleet names the Batches that it saw, until the next one. */
async function leaveSummaries(
  { records }: DeletePorts,
  { plannedFleets, batchIds }: Belongings,
): Promise<void> {
  for (const fleetId of plannedFleets) {
    await records.change(recordKeys.fleetSummary(fleetId), (summary) => {
      if (summary === null) return keep(undefined);
      const order = summary.order.filter((id) => !batchIds.has(id));
      return order.length === summary.order.length ? keep(undefined) : put({ ...summary, order }, undefined);
    });
  }
}

async function removeObjects({ versions: store }: DeletePorts, tenant: TenantId): Promise<void> {
  for (const prefix of tenantPrefixes(tenant)) {
    for await (const uploads of store.unfinished(prefix)) {
      for (const upload of uploads) await store.abort(upload);
    }
    for await (const versions of store.list(prefix)) await store.remove(versions);
  }
}
