import { DeleteItemCommand, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Call } from './clients.ts';
import { RECORDS, type RecordKind } from './things.ts';

type Pk = { readonly S: string };

/** No record of the app has it. */
const sk = { S: 'OF-A-TEST' };

const VERBS = {
  read:
    (pk: Pk): Call =>
    ({ dynamodb }, { table }) =>
      dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk, sk } })),
  list:
    (pk: Pk): Call =>
    ({ dynamodb }, { table }) =>
      dynamodb.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
        }),
      ),
  write:
    (pk: Pk): Call =>
    ({ dynamodb }, { table }) =>
      dynamodb.send(new PutItemCommand({ TableName: table, Item: { pk, sk } })),
  remove:
    (pk: Pk): Call =>
    ({ dynamodb }, { table }) =>
      dynamodb.send(new DeleteItemCommand({ TableName: table, Key: { pk, sk } })),
};

export type RecordCall = `${keyof typeof VERBS} ${RecordKind}`;

/** Every verb on every kind of record. */
export const RECORD_CALLS: Readonly<Record<string, Call>> = Object.fromEntries(
  Object.entries(VERBS).flatMap(([verb, call]) =>
    Object.entries(RECORDS).map(([kind, pk]) => [`${verb} ${kind}`, call({ S: pk })]),
  ),
);
