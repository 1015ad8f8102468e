import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { TablePlan } from './table-properties.ts';

const CREATION_LIMIT_SECONDS = 20;

/** Creates the table if it is absent. Throws if it stands with other keys or indexes than the template's. */
export async function ensureTable(client: DynamoDBClient, plan: TablePlan): Promise<void> {
  const { TableName } = plan.create;
  const found = await describe(client, TableName);
  if (found === undefined) {
    await client.send(new CreateTableCommand(plan.create));
    await waitUntilTableExists({ client, maxWaitTime: CREATION_LIMIT_SECONDS, minDelay: 1 }, { TableName });
    return;
  }
  const stored = shapeOf(found);
  const wanted = shapeOf(plan.create);
  if (stored === wanted) return;
  throw new Error(
    `The table ${TableName} is stored with other keys or indexes (${stored}) than the template's (${wanted}). ` +
      'Remove the database file of the local stack, or take the change back.',
  );
}

async function describe(client: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

type Shape = Pick<TableDescription, 'KeySchema' | 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes'>;

/** DynamoDB cannot change these in place, but for adding and removing global indexes. */
function shapeOf(table: Shape | TablePlan['create']): string {
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])];
  const keys = (schema: Shape['KeySchema']) => (schema ?? []).map((key) => key.AttributeName).join('+');
  const named = indexes.map((index) => `${index.IndexName}: ${keys(index.KeySchema)}`).sort();
  return [keys(table.KeySchema), ...named].join(', ');
}
