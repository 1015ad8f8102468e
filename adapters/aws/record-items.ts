import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { RecordKey } from '../../core/records.ts';

export type Item = Readonly<Record<string, unknown>>;
export type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Behind every record; a write is conditional on the revision that was read. */
const REVISION = 'rev';
/** DynamoDB deletes the item some time after this instant (epoch seconds). */
const TIME_TO_LIVE = 'ttl';

/** Far above the writes that a record sees in the weeks that a backup may be old. */
const LATER = 1_000_000;

/** The item of a backup: a write that was conditional on a revision since then finds it nowhere. */
export const withLaterRevision = (item: Item): Item => ({
  ...item,
  [REVISION]: Number(item[REVISION] ?? 0) + LATER,
});

/** The record in an item. */
export function toRecord(item: Item | null): unknown {
  if (item === null) return null;
  const { pk: _pk, sk: _sk, [REVISION]: _rev, [TIME_TO_LIVE]: _ttl, ...record } = item;
  return record;
}

function toItem(key: RecordKey<unknown>, record: object, revision: number): Item {
  const { forgetAtMs } = record as { readonly forgetAtMs?: number };
  const ttl = forgetAtMs === undefined ? {} : { [TIME_TO_LIVE]: Math.ceil(forgetAtMs / 1000) };
  return { ...record, ...ttl, pk: key.pk, sk: key.sk, [REVISION]: revision };
}

/** The conditional write that takes `seen` to `next`: a record to put, null to remove, undefined to leave. */
export function writeOf(TableName: string, key: RecordKey<unknown>, seen: Item | null, next: unknown): Write {
  const revision = Number(seen?.[REVISION] ?? 0);
  const condition =
    seen === null
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: '#rev = :rev',
          ExpressionAttributeNames: { '#rev': REVISION },
          ExpressionAttributeValues: { ':rev': revision },
        };
  const Key = { pk: key.pk, sk: key.sk };
  if (next === undefined) return { ConditionCheck: { TableName, Key, ...condition } };
  if (next === null) return { Delete: { TableName, Key, ...condition } };
  return { Put: { TableName, Item: toItem(key, next as object, revision + 1), ...condition } };
}
