import type { BatchId, FileId, FleetId, TenantId, UploadId } from '../core/ids.ts';
import { objectKeys, recordKeys } from '../core/keys.ts';

const ANY = '*';
const tenant = ANY as TenantId;
const batch = ANY as BatchId;
const anyShard = { tenant, batchId: batch, number: 0 };
const batchFolder = objectKeys.manifest(tenant, batch).replace(/[^/]+$/, '');
const run = objectKeys.run(tenant, batch);

/** Partition keys of the records, as patterns. */
const RECORDS = {
  /** API keys. */
  keys: recordKeys.apiKey(ANY).pk,
  /** A tenant's Batches, Files and Uploads; the pattern holds for those of `shards` too. */
  tenants: recordKeys.batches(tenant).pk,
  shards: recordKeys.shard(anyShard).pk,
  /** Batches that are not over and told. */
  open: recordKeys.openBatches().pk,
  /** Loops and what their Fleets work on. */
  fleets: recordKeys.loop(ANY as FleetId).pk,
  instanceMemory: recordKeys.instanceMemory().pk,
  cleanUp: recordKeys.cleanUp().pk,
} as const;
export type RecordKind = keyof typeof RECORDS;

/** Keys of the objects, as patterns. */
const OBJECTS = {
  files: objectKeys.file(tenant, ANY as FileId),
  /** Parts of Uploads. */
  parts: objectKeys.uploadPart(tenant, ANY as UploadId, ANY),
  intakePlans: objectKeys.intakePlan(tenant, batch),
  errorLists: objectKeys.errors(tenant, batch),
  closePlans: objectKeys.closePlan(tenant, batch),
  manifests: objectKeys.manifest(tenant, batch),
  /** All that is kept of a Batch. */
  batches: `${batchFolder}*`,
  shards: `${run}shards/*`,
  segments: `${run}segments/*`,
  /** All that only a run needs. */
  runs: `${run}*`,
} as const;
export type ObjectKind = keyof typeof OBJECTS;

const RECORD_ACTIONS = {
  read: 'dynamodb:GetItem',
  list: 'dynamodb:Query',
  write: 'dynamodb:PutItem',
  remove: 'dynamodb:DeleteItem',
  /** Of a record that a transaction leaves as it is. */
  check: 'dynamodb:ConditionCheckItem',
} as const;

const OBJECT_ACTIONS = {
  read: 's3:GetObject',
  write: 's3:PutObject',
  remove: 's3:DeleteObject',
  /** Gives up a write in parts. */
  abort: 's3:AbortMultipartUpload',
  listParts: 's3:ListMultipartUploadParts',
} as const;

export interface RecordAccess {
  readonly of: readonly RecordKind[];
  readonly may: readonly (keyof typeof RECORD_ACTIONS)[];
}
export interface ObjectAccess {
  readonly of: readonly ObjectKind[];
  readonly may: readonly (keyof typeof OBJECT_ACTIONS)[];
}

/** What somebody does with the store. */
export interface StoreAccess {
  /** A transaction over several kinds needs all of them in one entry: its keys are looked at together. */
  readonly records?: readonly RecordAccess[];
  readonly objects?: readonly ObjectAccess[];
  /** Objects whose names it lists. */
  readonly lists?: readonly ObjectKind[] | 'all';
  /** It asks for objects that may not be there. */
  readonly meetsMissing?: boolean;
}

export const recordActions = ({ may }: RecordAccess): string[] => may.map((verb) => RECORD_ACTIONS[verb]);
export const objectActions = ({ may }: ObjectAccess): string[] => may.map((verb) => OBJECT_ACTIONS[verb]);
export const objectPattern = (kind: ObjectKind): string => OBJECTS[kind];

/**
 * Holds where every key of a call is of these kinds. `ForAllValues` also holds for a call without keys, a scan of the
 * whole table for one: `Null` refuses it.
 */
export function recordConditions({ of }: RecordAccess) {
  const patterns = of.map((kind) => RECORDS[kind]);
  const withoutShards = of.includes('tenants') && !of.includes('shards');
  return {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns },
    ...(withoutShards ? { 'ForAllValues:StringNotLike': { 'dynamodb:LeadingKeys': [RECORDS.shards] } } : {}),
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };
}
