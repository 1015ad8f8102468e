import type { Batch } from './batch/batch.ts';
import type { StoredFile, Upload } from './batch/file.ts';
import type { InstanceMemory } from './fleet/instances.ts';
import type { LaunchTrouble } from './fleet/launch-trouble.ts';
import type { FleetSummary } from './fleet/summary.ts';
import type { Capacity } from './fleet/task.ts';
import type { BatchId, FileId, FleetId, ShardId, TenantId, UploadId } from './ids.ts';
import type { Loop } from './protocol/loop.ts';
import type { SegmentName } from './protocol/segments.ts';
import type { Shard } from './protocol/shard.ts';
import type { RecordKey, RecordRange } from './records.ts';
import type { CleanUpRound } from './retention/round.ts';
import type { TenantDeletion } from './retention/tenant-deletion.ts';

const digits = (n: number, width: number): string => String(n).padStart(width, '0');

/** An API key: only its hash is kept. */
export interface ApiKey {
  readonly tenant: TenantId;
  readonly name: string;
  readonly createdAtMs: number;
}
/** A Batch that is not over and told yet: what the sweeper goes through. */
export interface OpenBatch {
  readonly tenant: TenantId;
  readonly batchId: BatchId;
}
/** A Batch that has joined its Fleet. */
export interface FleetBatch extends OpenBatch {
  readonly fleetId: FleetId;
}
/** Makes a retried create answer the same Batch. */
export interface Idempotency {
  readonly batchId: BatchId;
  /** Of the request's fields: another request under the same key is refused. */
  readonly fingerprint: string;
  readonly forgetAtMs: number;
}

/** Sort keys that lists page through hold the id alone behind the prefix. */
export const recordKeys = {
  apiKey: (sha256: string): RecordKey<ApiKey> => ({ pk: `KEY#${sha256}`, sk: 'META' }),
  batch: (tenant: TenantId, id: BatchId): RecordKey<Batch> => ({ pk: `T#${tenant}`, sk: `BATCH#${id}` }),
  batches: (tenant: TenantId): RecordRange<Batch> => ({ pk: `T#${tenant}`, skPrefix: 'BATCH#' }),
  file: (tenant: TenantId, id: FileId): RecordKey<StoredFile> => ({ pk: `T#${tenant}`, sk: `FILE#${id}` }),
  files: (tenant: TenantId): RecordRange<StoredFile> => ({ pk: `T#${tenant}`, skPrefix: 'FILE#' }),
  upload: (tenant: TenantId, id: UploadId): RecordKey<Upload> => ({ pk: `T#${tenant}`, sk: `UPLOAD#${id}` }),
  idempotency: (tenant: TenantId, sha256: string): RecordKey<Idempotency> => ({
    pk: `T#${tenant}`,
    sk: `IDEMPOTENCY#${sha256}`,
  }),
  shard: ({ tenant, batchId, number }: ShardId): RecordKey<Shard> => ({
    pk: `T#${tenant}#BATCH#${batchId}`,
    sk: `SHARD#${digits(number, 6)}`,
  }),
  shards: (tenant: TenantId, batchId: BatchId): RecordRange<Shard> => ({
    pk: `T#${tenant}#BATCH#${batchId}`,
    skPrefix: 'SHARD#',
  }),
  openBatch: (tenant: TenantId, id: BatchId): RecordKey<OpenBatch> => ({
    pk: 'OPEN',
    sk: `BATCH#${id}#${tenant}`,
  }),
  openBatches: (): RecordRange<OpenBatch> => ({ pk: 'OPEN', skPrefix: 'BATCH#' }),
  tenantDeletion: (tenant: TenantId): RecordKey<TenantDeletion> => ({ pk: `T#${tenant}`, sk: 'DELETION' }),
  cleanUp: (): RecordKey<CleanUpRound> => ({ pk: 'CLEAN-UP', sk: 'ROUND' }),
  loop: (fleet: FleetId): RecordKey<Loop> => ({ pk: `FLEET#${fleet}`, sk: 'LOOP' }),
  fleetSummary: (fleet: FleetId): RecordKey<FleetSummary> => ({ pk: `FLEET#${fleet}`, sk: 'SUMMARY' }),
  launchTrouble: (fleet: FleetId, capacity: Capacity): RecordKey<LaunchTrouble> => ({
    pk: `FLEET#${fleet}`,
    sk: `LAUNCH#${capacity}`,
  }),
  launchTroubles: (fleet: FleetId): RecordRange<LaunchTrouble> => ({
    pk: `FLEET#${fleet}`,
    skPrefix: 'LAUNCH#',
  }),
  instanceMemory: (): RecordKey<InstanceMemory> => ({ pk: 'CAPACITY', sk: 'INSTANCES' }),
  fleetBatch: (fleet: FleetId, tenant: TenantId, id: BatchId): RecordKey<FleetBatch> => ({
    pk: `FLEET#${fleet}`,
    sk: `BATCH#${id}#${tenant}`,
  }),
  fleetBatches: (fleet: FleetId): RecordRange<FleetBatch> => ({ pk: `FLEET#${fleet}`, skPrefix: 'BATCH#' }),
};

/** S3's lifecycle rules choose by prefix: so the first part of a key says how long an object may live. */
export const OBJECT_ROOTS = {
  /** Files, plans and manifests: as long as their records. */
  kept: 'tenants/',
  /** Shard objects and Segments: until their Batch is told. */
  runs: 'runs/',
  /** Parts of Uploads: until those end. */
  uploads: 'uploads/',
} as const;

/** Below these lies every object that a tenant owns. */
export const tenantPrefixes = (tenant: TenantId): readonly string[] =>
  Object.values(OBJECT_ROOTS).map((root) => `${root}${tenant}/`);

const batchPrefix = (tenant: TenantId, id: BatchId): string => `${OBJECT_ROOTS.kept}${tenant}/batches/${id}`;
const runPrefix = (tenant: TenantId, id: BatchId): string => `${OBJECT_ROOTS.runs}${tenant}/${id}`;

export const objectKeys = {
  file: (tenant: TenantId, id: FileId): string => `${OBJECT_ROOTS.kept}${tenant}/files/${id}`,
  uploadPart: (tenant: TenantId, id: UploadId, partId: string): string =>
    `${OBJECT_ROOTS.uploads}${tenant}/${id}/${partId}`,
  /** Prefix of the Shard objects of every intake attempt and of the Segments of every Shard. */
  run: (tenant: TenantId, id: BatchId): string => `${runPrefix(tenant, id)}/`,
  shard: ({ tenant, batchId, number }: ShardId, intakeAttempt: string): string =>
    `${runPrefix(tenant, batchId)}/shards/${intakeAttempt}/${digits(number, 6)}`,
  intakePlan: (tenant: TenantId, id: BatchId): string => `${batchPrefix(tenant, id)}/intake-plan.json`,
  errors: (tenant: TenantId, id: BatchId): string => `${batchPrefix(tenant, id)}/errors.json`,
  segments: ({ tenant, batchId, number }: ShardId): string =>
    `${runPrefix(tenant, batchId)}/segments/${digits(number, 6)}/`,
  segment: (shard: ShardId, name: SegmentName): string =>
    `${objectKeys.segments(shard)}${digits(name.fence, 8)}-${digits(name.number, 6)}`,
  closePlan: (tenant: TenantId, id: BatchId): string => `${batchPrefix(tenant, id)}/close-plan.json`,
  manifest: (tenant: TenantId, id: BatchId): string => `${batchPrefix(tenant, id)}/manifest.json`,
};

/** The name in a Segment's key, or null for another object. */
export function segmentNameOf(key: string): SegmentName | null {
  const match = /\/segments\/\d{6}\/(\d{8})-(\d{6})$/.exec(key);
  return match === null ? null : { fence: Number(match[1]), number: Number(match[2]) };
}
