import { setTimeout as delay } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  DynamoDBDocumentClient,
  paginateScan,
} from '@aws-sdk/lib-dynamodb';
import type { TableItem, WholeTable } from '../../core/retention/ports.ts';
import { withLaterRevision } from './record-items.ts';

type Request = NonNullable<BatchWriteCommandInput['RequestItems']>[string][number];

/** DynamoDB takes this many writes at once. */
const AT_ONCE = 25;
/** With the back-off below about half a minute of a table that takes no more. */
const MAX_TRIES = 12;
const MAX_BACK_OFF_MS = 5000;

/** All records of one DynamoDB table. */
export function dynamoTable(client: DynamoDBClient, tableName: string): WholeTable {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const writeAll = async (requests: readonly Request[]): Promise<void> => {
    for (let i = 0; i < requests.length; i += AT_ONCE) {
      await write(documents, tableName, requests.slice(i, i + AT_ONCE));
    }
  };
  return {
    async *scan() {
      for await (const page of paginateScan(
        { client: documents },
        { TableName: tableName, ConsistentRead: true },
      )) {
        yield (page.Items ?? []) as unknown as readonly TableItem[];
      }
    },
    remove: (keys) => writeAll(keys.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } }))),
    restore: (items) => writeAll(items.map((item) => ({ PutRequest: { Item: withLaterRevision(item) } }))),
  };
}

async function write(
  documents: DynamoDBDocumentClient,
  tableName: string,
  requests: readonly Request[],
): Promise<void> {
  let left = requests;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { UnprocessedItems = {} } = await documents.send(
      new BatchWriteCommand({ RequestItems: { [tableName]: [...left] } }),
    );
    left = UnprocessedItems[tableName] ?? [];
    if (left.length === 0) return;
    await delay(Math.min(MAX_BACK_OFF_MS, 50 * 2 ** tries));
  }
  throw new Error(`The table ${tableName} did not take ${left.length} writes. Run the command again.`);
}
