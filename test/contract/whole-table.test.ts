import { describe, expect, it } from 'vitest';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { dynamoTable } from '../../adapters/aws/whole-table.ts';
import type { Records } from '../../core/ports.ts';
import { put, type RecordKey } from '../../core/records.ts';
import type { TableItem, WholeTable } from '../../core/retention/ports.ts';
import { memoryRecords } from '../fakes/records.ts';
import { memoryTable } from '../fakes/whole-table.ts';
import { dynamoTables } from './dynamo-tables.ts';

const dynamo = dynamoTables();

interface Store {
  readonly records: Records;
  readonly table: WholeTable;
}

async function onDynamoDb(): Promise<Store & { readonly name: string }> {
  const name = await dynamo.newTable();
  const client = dynamo.connect();
  return { name, records: dynamoRecords(client, name), table: dynamoTable(client, name) };
}

async function inMemory(): Promise<Store> {
  const records = memoryRecords();
  return { records, table: memoryTable(records) };
}

interface Sample {
  readonly n: number;
  readonly note?: string;
}
const keyOf = (n: number): RecordKey<Sample> => ({ pk: `PART#${n % 3}`, sk: `ITEM#${n}` });
const set = ({ records }: Store, n: number, note = '') =>
  records.change(keyOf(n), () => put({ n, note }, undefined));

async function scanned({ table }: Store): Promise<TableItem[]> {
  const items: TableItem[] = [];
  for await (const page of table.scan()) items.push(...page);
  return items;
}
const numbers = (items: readonly TableItem[]) => items.map(({ n }) => Number(n)).sort((a, b) => a - b);

describe.each([
  ['in memory', inMemory],
  ['on DynamoDB over the wire', onDynamoDb],
] as const)('the whole table %s', (_, make) => {
  it('is gone through, whatever its partitions', async () => {
    const store = await make();
    for (let n = 0; n < 7; n++) await set(store, n);
    expect(numbers(await scanned(store))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('loses what is removed, more than fits one request and what is gone among it', async () => {
    const store = await make();
    for (let n = 0; n < 60; n++) await set(store, n);
    const gone = (await scanned(store)).filter(({ n }) => Number(n) >= 3);
    await store.table.remove(gone);
    await store.table.remove(gone);
    await store.table.remove([]);
    expect(numbers(await scanned(store))).toEqual([0, 1, 2]);
  });

  it('takes back what was scanned, as records that go on', async () => {
    const store = await make();
    for (let n = 0; n < 30; n++) await set(store, n, 'before');
    const items = await scanned(store);
    await store.table.remove(items);
    await store.table.restore(items);
    expect(await store.records.read(keyOf(5))).toEqual({ n: 5, note: 'before' });
    await set(store, 5, 'after');
    expect(await store.records.read(keyOf(5))).toEqual({ n: 5, note: 'after' });
  });
});

it('lets no write succeed on what it read before the table was lost, though the same record is back', async () => {
  const store = await onDynamoDb();
  await set(store, 1, 'first');
  const items = await scanned(store);
  const held = dynamo.connect();
  let writes = 0;
  held.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'PutItemCommand' && writes++ === 0) {
          await store.table.remove(items);
          await store.table.restore(items);
        }
        return next(args);
      },
    { step: 'initialize' },
  );
  const late = dynamoRecords(held, store.name);
  await late.change(keyOf(1), (seen) => put({ n: 1, note: `on ${seen?.note}` }, undefined));
  expect(writes).toBe(2);
});
