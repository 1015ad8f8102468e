import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import type { TablePlan } from './table-properties.ts';

/** DynamoDB leaves items alone whose time lies more than five years back. */
const OLDEST_SECONDS = 5 * 365 * 24 * 3600;

/**
 * Deletes the items of a table whose time to live is over, and returns how many. A number in the attribute
 * is epoch seconds; anything else never expires.
 */
export async function expireItems(client: DynamoDBClient, plan: TablePlan, nowMs: number): Promise<number> {
  const { ttlAttribute } = plan;
  if (ttlAttribute === undefined) return 0;
  const nowSeconds = Math.floor(nowMs / 1000);
  const expired = {
    names: { '#ttl': ttlAttribute },
    values: { ':now': { N: String(nowSeconds) }, ':oldest': { N: String(nowSeconds - OLDEST_SECONDS) } },
    condition: '#ttl BETWEEN :oldest AND :now',
  };
  const { TableName, KeySchema } = plan.create;
  const pages = paginateScan(
    { client },
    {
      TableName,
      FilterExpression: expired.condition,
      ExpressionAttributeNames: expired.names,
      ExpressionAttributeValues: expired.values,
    },
  );
  let deleted = 0;
  for await (const page of pages) {
    for (const item of page.Items ?? []) {
      const Key = Object.fromEntries((KeySchema ?? []).map((key) => keyOf(item, key.AttributeName)));
      deleted += await deleteIfStillExpired(client, { TableName, Key, expired });
    }
  }
  return deleted;
}

interface Deletion {
  readonly TableName: string;
  readonly Key: Record<string, AttributeValue>;
  readonly expired: {
    readonly names: Record<string, string>;
    readonly values: Record<string, AttributeValue>;
    readonly condition: string;
  };
}

/** An item that was renewed since the scan must survive. */
async function deleteIfStillExpired(client: DynamoDBClient, deletion: Deletion): Promise<0 | 1> {
  const { TableName, Key, expired } = deletion;
  try {
    await client.send(
      new DeleteItemCommand({
        TableName,
        Key,
        ConditionExpression: expired.condition,
        ExpressionAttributeNames: expired.names,
        ExpressionAttributeValues: expired.values,
      }),
    );
    return 1;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 0;
    throw error;
  }
}

function keyOf(item: Record<string, AttributeValue>, name: string | undefined): [string, AttributeValue] {
  const value = name === undefined ? undefined : item[name];
  if (name === undefined || value === undefined) throw new Error(`An item without its key ${name}.`);
  return [name, value];
}
