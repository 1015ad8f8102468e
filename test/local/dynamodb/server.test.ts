import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findDynoxide } from '../../../local/dynamodb/binary.ts';
import { type DynamoDb, startDynamoDb } from '../../../local/dynamodb/server.ts';
import { TABLE_KEYS } from '../../contract/dynamo-tables.ts';

const TABLE = {
  ...TABLE_KEYS,
  AttributeDefinitions: [...TABLE_KEYS.AttributeDefinitions, { AttributeName: 'open', AttributeType: 'S' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by-open',
      KeySchema: [{ AttributeName: 'open', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
};
const NOW_MS = Date.UTC(2026, 0, 2);

let directory: string;
let db: DynamoDb;

const start = () => startDynamoDb({ databaseFile: join(directory, 'deep/tables.db'), nowMs: () => NOW_MS });
const clientOf = ({ url }: DynamoDb) =>
  new DynamoDBClient({
    endpoint: url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
const put = (client: DynamoDBClient, sk: string, more = {}) =>
  client.send(new PutItemCommand({ TableName: 'Main', Item: { pk: { S: 'p' }, sk: { S: sk }, ...more } }));
const exists = async (client: DynamoDBClient, sk: string) =>
  (await client.send(new GetItemCommand({ TableName: 'Main', Key: { pk: { S: 'p' }, sk: { S: sk } } })))
    .Item !== undefined;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dynamodb-'));
  db = await start();
});

afterEach(async () => {
  await db.close();
  rmSync(directory, { recursive: true });
});

it('makes the table and its index from the template, and keeps the items when it is started again', async () => {
  await db.createTable(TABLE, 'Main');
  await put(clientOf(db), 'a', { open: { S: 'yes' } });
  await db.close();
  db = await start();
  await db.createTable(TABLE, 'Main');
  const found = await clientOf(db).send(
    new QueryCommand({
      TableName: 'Main',
      IndexName: 'by-open',
      KeyConditionExpression: '#o = :yes',
      ExpressionAttributeNames: { '#o': 'open' },
      ExpressionAttributeValues: { ':yes': { S: 'yes' } },
    }),
  );
  expect(found.Items?.map((item) => item['sk'])).toEqual([{ S: 'a' }]);
});

it('refuses a stored table whose indexes are not those of the template', async () => {
  await db.createTable(TABLE, 'Main');
  const { GlobalSecondaryIndexes: _, ...without } = TABLE;
  await expect(db.createTable(without, 'Main')).rejects.toThrow(
    /Main is stored with other keys.*by-open: open/,
  );
});

it('deletes what has expired, and nothing else', async () => {
  await db.createTable(TABLE, 'Main');
  const client = clientOf(db);
  const second = NOW_MS / 1000;
  await put(client, 'over', { expiresAt: { N: String(second - 1) } });
  await put(client, 'later', { expiresAt: { N: String(second + 1) } });
  await put(client, 'ancient', { expiresAt: { N: '1' } });
  await put(client, 'text', { expiresAt: { S: String(second - 1) } });
  await put(client, 'never');
  expect(await db.sweepExpired()).toBe(1);
  const left = await Promise.all(
    ['over', 'later', 'ancient', 'text', 'never'].map((sk) => exists(client, sk)),
  );
  expect(left).toEqual([false, true, true, true, true]);
});

it('names the property of a table that it cannot read', async () => {
  await expect(db.createTable({ KeySchema: [] }, 'Main')).rejects.toThrow(/Table Main: [\s\S]*KeySchema/);
  expect((await clientOf(db).send(new ListTablesCommand({}))).TableNames).toEqual([]);
});

it('says how to get a dynoxide where there is none', () => {
  const resolve = () => {
    throw new Error('no such package');
  };
  expect(() => findDynoxide({ path: directory, resolve })).toThrow(/put the binary "dynoxide" on your PATH/);
});

it('says why dynoxide did not start', async () => {
  const options = { databaseFile: join(directory, 'deep'), port: 1 };
  await expect(startDynamoDb(options)).rejects.toThrow(/dynoxide did not start: it ended with/);
});
