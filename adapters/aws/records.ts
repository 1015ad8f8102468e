import { setTimeout as delay } from 'node:timers/promises';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  TransactionCanceledException,
  TransactionConflictException,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import type { MultiTransition, Records } from '../../core/ports.ts';
import type { RangeOptions, RecordKey, RecordRange, Transition } from '../../core/records.ts';
import { type Item, toRecord, type Write, writeOf } from './record-items.ts';

/** Lost races in a row before giving up; with the back-off below that is about ten seconds of a hot record. */
const MAX_RACES = 30;
const MAX_BACK_OFF_MS = 500;

/** Records in one DynamoDB table. A record with `forgetAtMs` gets the table's time to live. */
export function dynamoRecords(client: DynamoDBClient, tableName: string): Records {
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const table = { documents, tableName };
  return {
    read: async <T>(key: RecordKey<T>) =>
      toRecord(await readItem(table, key as RecordKey<unknown>)) as T | null,
    query: <T>(range: RecordRange<T>, options: RangeOptions = {}) => queryRange<T>(table, range, options),
    change: <T, R>(key: RecordKey<T>, transition: Transition<T, R>) =>
      race(() => changeOne(table, key as RecordKey<unknown>, transition as Transition<unknown, R>), [key]),
    changeAll: <R>(keys: readonly RecordKey<unknown>[], transition: MultiTransition<R>) =>
      race(() => changeMany(table, keys, transition), keys),
  };
}

interface Table {
  readonly documents: DynamoDBDocumentClient;
  readonly tableName: string;
}
type Outcome<R> = { readonly kind: 'done'; readonly result: R } | { readonly kind: 'raced' };

async function race<R>(
  attempt: () => Promise<Outcome<R>>,
  keys: readonly { readonly pk: string; readonly sk: string }[],
): Promise<R> {
  for (let races = 0; races < MAX_RACES; races++) {
    const outcome = await attempt();
    if (outcome.kind === 'done') return outcome.result;
    await delay(Math.random() * Math.min(MAX_BACK_OFF_MS, 10 * 2 ** races));
  }
  throw new Error(`Lost ${MAX_RACES} races for ${keys.map((key) => `${key.pk} ${key.sk}`).join(', ')}.`);
}

async function readItem(
  { documents, tableName }: Table,
  { pk, sk }: RecordKey<unknown>,
): Promise<Item | null> {
  const answer = await documents.send(
    new GetCommand({ TableName: tableName, Key: { pk, sk }, ConsistentRead: true }),
  );
  return answer.Item ?? null;
}

async function changeOne<R>(
  table: Table,
  key: RecordKey<unknown>,
  transition: Transition<unknown, R>,
): Promise<Outcome<R>> {
  const item = await readItem(table, key);
  const change = transition(toRecord(item));
  const { result } = change;
  if (change.kind === 'keep' || (change.kind === 'remove' && item === null)) return { kind: 'done', result };
  const write = writeOf(table.tableName, key, item, change.kind === 'put' ? change.record : null);
  const sent = await unlessRaced(() => sendOne(table.documents, write));
  return sent === null ? { kind: 'raced' } : { kind: 'done', result };
}

async function changeMany<R>(
  table: Table,
  keys: readonly RecordKey<unknown>[],
  transition: MultiTransition<R>,
): Promise<Outcome<R>> {
  const { documents, tableName: TableName } = table;
  const Gets = keys.map(({ pk, sk }) => ({ Get: { TableName, Key: { pk, sk } } }));
  const read = await unlessRaced(() => documents.send(new TransactGetCommand({ TransactItems: Gets })));
  if (read === null) return { kind: 'raced' };
  const items = keys.map((_, i) => read.Responses?.[i]?.Item ?? null);
  const { writes, result } = transition(items.map(toRecord));
  if (writes.every((write) => write === undefined)) return { kind: 'done', result };
  const TransactItems = keys.map((key, i) => writeOf(TableName, key, items[i] ?? null, writes[i]));
  const written = await unlessRaced(() => documents.send(new TransactWriteCommand({ TransactItems })));
  return written === null ? { kind: 'raced' } : { kind: 'done', result };
}

async function sendOne(documents: DynamoDBDocumentClient, write: Write): Promise<'sent'> {
  if (write.Put !== undefined) await documents.send(new PutCommand(write.Put));
  else if (write.Delete !== undefined) await documents.send(new DeleteCommand(write.Delete));
  return 'sent';
}

/** Null where another was first, or is at it in a transaction. */
async function unlessRaced<T>(send: () => Promise<T>): Promise<T | null> {
  try {
    return await send();
  } catch (error) {
    if (isLostRace(error)) return null;
    throw error;
  }
}

function isLostRace(error: unknown): boolean {
  if (error instanceof ConditionalCheckFailedException || error instanceof TransactionConflictException)
    return true;
  if (!(error instanceof TransactionCanceledException)) return false;
  const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code);
  return codes.some((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict');
}

async function queryRange<T>(
  { documents, tableName }: Table,
  range: RecordRange<T>,
  { descending = false, afterSk, limit = Number.POSITIVE_INFINITY, mayLag = false }: RangeOptions,
): Promise<readonly T[]> {
  const records: T[] = [];
  let from = afterSk === undefined ? undefined : { pk: range.pk, sk: afterSk };
  do {
    const page = await documents.send(
      new QueryCommand({
        TableName: tableName,
        ConsistentRead: !mayLag,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': range.pk, ':prefix': range.skPrefix },
        ScanIndexForward: !descending,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        ...(Number.isFinite(limit) ? { Limit: limit - records.length } : {}),
      }),
    );
    records.push(...(page.Items ?? []).map((item) => toRecord(item) as T));
    from = page.LastEvaluatedKey as typeof from;
  } while (from !== undefined && records.length < limit);
  return records;
}
