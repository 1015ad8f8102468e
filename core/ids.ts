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

export type IdPrefix = 'batch_' | 'file-' | 'upload_' | 'part_';

const TIME_DIGITS = 11;

/**
 * A new id: prefix, creation time in milliseconds (11 hex digits), 20 random hex digits. Ids of a prefix sort by
 * creation time, so a list in order of creation is a key range and `after=<id>` needs no index.
 */
export function newId<T extends string>(prefix: IdPrefix, nowMs: number, randomHex: string): T {
  const time = Math.floor(nowMs).toString(16).padStart(TIME_DIGITS, '0');
  return `${prefix}${time}${randomHex.slice(0, 20)}` as T;
}
