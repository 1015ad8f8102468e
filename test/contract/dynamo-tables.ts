import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { type DynamoDb, startDynamoDb } from '../../local/dynamodb/server.ts';

/** The keys of the stack's table. */
export const TABLE_KEYS = {
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

/** DynamoDB over the wire for all tests of a file, from before the first until after the last. */
export function dynamoTables() {
  const directory = mkdtempSync(join(tmpdir(), 'slackline-tables-'));
  const clients: DynamoDBClient[] = [];
  let server: DynamoDb;
  let tables = 0;
  beforeAll(async () => {
    server = await startDynamoDb({ databaseFile: join(directory, 'tables.sqlite') });
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    connect(): DynamoDBClient {
      const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
      const client = new DynamoDBClient({ endpoint: server.url, region: 'us-east-1', credentials });
      clients.push(client);
      return client;
    },
    /** Makes an empty table and gives its name. */
    async newTable(): Promise<string> {
      const name = `table-${++tables}`;
      await server.createTable({ TableName: name, ...TABLE_KEYS }, name);
      return name;
    },
  };
}
