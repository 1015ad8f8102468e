import { TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import type { Records } from '../../core/ports.ts';
import { keep, put, type RecordKey, remove } from '../../core/records.ts';
import { memoryRecords } from '../fakes/records.ts';
import { dynamoTables } from './dynamo-tables.ts';

interface Counter {
  readonly n: number;
}

const dynamo = dynamoTables();
let table: string;
beforeAll(async () => {
  table = await dynamo.newTable();
});
const onDynamoDb = (): Records => dynamoRecords(dynamo.connect(), table);

let unique = 0;
const newKey = (sk = 'META'): RecordKey<Counter> => ({ pk: `counter-${++unique}`, sk });

describe.each([
  ['in memory', memoryRecords],
  ['on DynamoDB over the wire', onDynamoDb],
] as const)('records %s', (_, make) => {
  it('reads back what a transition put', async () => {
    const records = make();
    const key = newKey();
    expect(await records.read(key)).toBeNull();
    expect(await records.change(key, () => put({ n: 1 }, 'made'))).toBe('made');
    expect(await records.read(key)).toEqual({ n: 1 });
  });

  it('hands the record to the transition, and writes nothing for keep', async () => {
    const records = make();
    const key = newKey();
    await records.change(key, () => put({ n: 1 }, undefined));
    expect(await records.change(key, (seen) => keep(seen))).toEqual({ n: 1 });
    expect(await records.read(key)).toEqual({ n: 1 });
  });

  it('removes a record, and takes the removal of none as done', async () => {
    const records = make();
    const key = newKey();
    await records.change(key, () => put({ n: 1 }, undefined));
    await records.change(key, () => remove(undefined));
    expect(await records.read(key)).toBeNull();
    expect(await records.change(key, () => remove('none'))).toBe('none');
  });

  it('loses no change of many at once', async () => {
    const records = make();
    const key = newKey();
    const increment = () => records.change(key, (seen) => put({ n: (seen?.n ?? 0) + 1 }, undefined));
    await Promise.all(Array.from({ length: 12 }, increment));
    expect(await records.read(key)).toEqual({ n: 12 });
  });

  it('changes several records all or nothing', async () => {
    const records = make();
    const [left, right] = [newKey(), newKey()];
    await records.change(left, () => put({ n: 10 }, undefined));
    await records.change(right, () => put({ n: 0 }, undefined));
    const keys = [left, right] as readonly RecordKey<unknown>[];
    const move = () =>
      records.changeAll(keys, ([a, b]) => ({
        writes: [{ n: (a as Counter).n - 1 }, { n: (b as Counter).n + 1 }],
        result: undefined,
      }));
    await Promise.all([move(), move(), move()]);
    expect([await records.read(left), await records.read(right)]).toEqual([{ n: 7 }, { n: 3 }]);
  });

  it('lets a transaction remove one record and leave another', async () => {
    const records = make();
    const [left, right] = [newKey(), newKey()];
    await records.change(left, () => put({ n: 1 }, undefined));
    await records.change(right, () => put({ n: 2 }, undefined));
    const keys = [left, right] as readonly RecordKey<unknown>[];
    const result = await records.changeAll(keys, () => ({ writes: [null, undefined], result: 'done' }));
    expect([result, await records.read(left), await records.read(right)]).toEqual(['done', null, { n: 2 }]);
  });

  it('pages through a range in both directions', async () => {
    const records = make();
    const { pk } = newKey();
    for (const n of [1, 2, 3, 4]) {
      await records.change({ pk, sk: `ITEM#${n}` } as RecordKey<Counter>, () => put({ n }, undefined));
    }
    await records.change({ pk, sk: 'OTHER#1' } as RecordKey<Counter>, () => put({ n: 99 }, undefined));
    const range = { pk, skPrefix: 'ITEM#' };
    const numbers = async (options = {}) =>
      (await records.query<Counter>(range, options)).map((record) => record.n);
    expect(await numbers()).toEqual([1, 2, 3, 4]);
    expect(await numbers({ descending: true, limit: 2 })).toEqual([4, 3]);
    expect(await numbers({ descending: true, afterSk: 'ITEM#3' })).toEqual([2, 1]);
    expect(await numbers({ afterSk: 'ITEM#2', limit: 1 })).toEqual([3]);
  });
});

it('takes a write or a transaction that meets another transaction as a lost race', async () => {
  const client = dynamo.connect();
  const refused: string[] = [];
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const first = !refused.includes(commandName);
        if (!['PutItemCommand', 'TransactGetItemsCommand'].includes(commandName) || !first) return next(args);
        refused.push(commandName);
        throw new TransactionConflictException({ message: 'Transaction is ongoing', $metadata: {} });
      },
    { step: 'initialize' },
  );
  const records = dynamoRecords(client, table);
  const key = newKey();
  await records.change(key, () => put({ n: 1 }, undefined));
  const keys = [key] as readonly RecordKey<unknown>[];
  await records.changeAll(keys, () => ({ writes: [{ n: 2 }], result: undefined }));
  expect([await records.read(key), refused]).toEqual([
    { n: 2 },
    ['PutItemCommand', 'TransactGetItemsCommand'],
  ]);
});

it('reads ranges beyond one page of a megabyte', async () => {
  const records = onDynamoDb();
  const { pk } = newKey();
  const filler = 'x'.repeat(300_000);
  for (const n of [1, 2, 3, 4, 5]) {
    await records.change({ pk, sk: `BIG#${n}` } as RecordKey<Counter & { filler: string }>, () =>
      put({ n, filler }, undefined),
    );
  }
  const found = await records.query<Counter>({ pk, skPrefix: 'BIG#' });
  expect(found.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
});
