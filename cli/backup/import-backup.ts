import type { Batch } from '../../core/batch/batch.ts';
import type { Objects, Records } from '../../core/ports.ts';
import { adoptClosePlan } from '../../core/retention/adopt-close-plan.ts';
import type { TableItem, WholeTable } from '../../core/retention/ports.ts';
import { restored } from '../../core/retention/restored.ts';

export interface ImportPorts {
  readonly table: WholeTable;
  readonly records: Records;
  readonly objects: Objects;
}

export interface Imported {
  readonly items: number;
  /** Open Batches that had come to their close plan since: they end as it says. */
  readonly closing: number;
}

/** A backup can be gone through more than once. */
export type Source = () => AsyncIterable<readonly TableItem[]>;

/**
 * Puts a backup into a table without tenants, or in the place of what is there. What sets work in motion (API keys, the open
 * index, the Fleets) is taken away first and put back last, so that nobody acts upon half a table, also where this
 * dies: run it again with `replace`. Throws before it changes anything where the source cannot be read or is empty.
 */
export async function importBackup(
  ports: ImportPorts,
  source: Source,
  { replace }: { readonly replace: boolean },
): Promise<Imported> {
  await refuseEmpty(source);
  await makeRoom(ports.table, replace);
  const own = await put(ports.table, source, isTenants);
  const closing = await adoptClosePlans(ports);
  const others = await put(ports.table, source, (item) => !isTenants(item));
  return { items: own + others, closing };
}

const isTenants = ({ pk }: TableItem): boolean => pk.startsWith('T#');

async function refuseEmpty(source: Source): Promise<void> {
  for await (const page of source()) if (page.some(isRestorable)) return;
  throw new Error("The backup holds no records of a stack. The stack's table was left as it is.");
}

/** A table of something else has other keys. */
const isRestorable = (item: TableItem): boolean =>
  typeof item.pk === 'string' && typeof item.sk === 'string' && restoredItem(item) !== null;

async function makeRoom(table: WholeTable, replace: boolean): Promise<void> {
  if (replace) {
    await removeAll(table, (item) => !isTenants(item));
    await removeAll(table, isTenants);
    return;
  }
  for await (const page of table.scan()) {
    if (!page.some(isTenants)) continue;
    throw new Error("The table holds tenants' records. Replace all that is there with --replace.");
  }
}

async function removeAll(table: WholeTable, isMeant: (item: TableItem) => boolean): Promise<void> {
  for await (const page of table.scan()) await table.remove(page.filter(isMeant));
}

async function put(
  table: WholeTable,
  source: Source,
  isMeant: (item: TableItem) => boolean,
): Promise<number> {
  let items = 0;
  for await (const page of source()) {
    const some = page.filter(isMeant).flatMap((item) => restoredItem(item) ?? []);
    await table.restore(some);
    items += some.length;
  }
  return items;
}

function restoredItem(item: TableItem): TableItem | null {
  const { pk, sk } = item;
  return restored({ pk, sk, record: item }) as TableItem | null;
}

async function adoptClosePlans({ table, ...ports }: ImportPorts): Promise<number> {
  let closing = 0;
  for await (const page of table.scan()) {
    for (const item of page.filter(isOpenBatch)) {
      const { tenant, id } = item as unknown as Batch;
      if (await adoptClosePlan(ports, { tenant, batchId: id })) closing++;
    }
  }
  return closing;
}

function isOpenBatch(item: TableItem): boolean {
  return isTenants(item) && item.sk.startsWith('BATCH#') && (item as unknown as Batch).phase.kind !== 'over';
}
