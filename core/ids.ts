/** Ids are opaque strings that no other kind of id can stand in for. */
export type TenantId = string & { readonly kind: 'tenant' };
export type BatchId = string & { readonly kind: 'batch' };
export type FileId = string & { readonly kind: 'file' };
export type UploadId = string & { readonly kind: 'upload' };
export type FleetId = string & { readonly kind: 'fleet' };

/** Names one Shard: `number` counts from 0 in the order of the intake plan. */
export interface ShardId {
  readonly tenant: TenantId;
  readonly batchId: BatchId;
  readonly number: number;
}

interface IdOf {
  readonly batch_: BatchId;
  readonly 'file-': FileId;
  readonly upload_: UploadId;
  readonly part_: string;
}
export type IdPrefix = keyof IdOf;

const TIME_DIGITS = 11;
/** Twice as long as ours are, and far below the 1,024 bytes of a sort key: DynamoDB fails the read of a longer one. */
const MAX_ID = 64;

/**
 * A new id: prefix, creation time in milliseconds (11 hex digits), 20 random hex digits. Ids of a prefix sort by
 * creation time, so a list in order of creation is a key range and `after=<id>` needs no index.
 */
export function newId<T extends string>(prefix: IdPrefix, nowMs: number, randomHex: string): T {
  const time = Math.floor(nowMs).toString(16).padStart(TIME_DIGITS, '0');
  return `${prefix}${time}${randomHex.slice(0, 20)}` as T;
}

/** Whether a caller's text may be an id of that kind; of one that may not there is nothing to look up. */
export const isIdOf = <Prefix extends IdPrefix>(prefix: Prefix, text: string): text is IdOf[Prefix] =>
  text.startsWith(prefix) && text.length <= MAX_ID && /^[\w-]+$/.test(text);
