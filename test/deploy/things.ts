import type { BatchId, FileId, FleetId, TenantId, UploadId } from '../../core/ids.ts';
import { objectKeys, recordKeys } from '../../core/keys.ts';
import type { DeployedStack } from '../../scripts/ministack/deployed-stack.ts';

const tenant = 'acme' as TenantId;
const batchId = 'batch_0' as BatchId;
const shard = { tenant, batchId, number: 0 };

/** A partition key of each kind of record. */
export const RECORDS = {
  'API keys': recordKeys.apiKey('0').pk,
  Batches: recordKeys.batches(tenant).pk,
  Shards: recordKeys.shard(shard).pk,
  'open Batches': recordKeys.openBatches().pk,
  loops: recordKeys.loop('qwen3-8b' as FleetId).pk,
  'idle instances': recordKeys.instanceMemory().pk,
  'clean-up rounds': recordKeys.cleanUp().pk,
} as const;
export type RecordKind = keyof typeof RECORDS;

/** A key of each kind of object. */
export const OBJECTS = {
  files: objectKeys.file(tenant, 'file-0' as FileId),
  parts: objectKeys.uploadPart(tenant, 'upload_0' as UploadId, 'part_0'),
  'intake plans': objectKeys.intakePlan(tenant, batchId),
  'error lists': objectKeys.errors(tenant, batchId),
  'close plans': objectKeys.closePlan(tenant, batchId),
  manifests: objectKeys.manifest(tenant, batchId),
  Requests: objectKeys.shard(shard, 'attempt'),
  Segments: objectKeys.segment(shard, { fence: 1, number: 1 }),
  'objects of no tenant': 'elsewhere',
} as const;
export type ObjectKind = keyof typeof OBJECTS;

/** A prefix for each thing that someone lists objects by. */
export const LISTS = {
  'the parts of an Upload': `${OBJECTS.parts.replace(/[^/]+$/, '')}`,
  'the Segments of a Shard': objectKeys.segments(shard),
  'the objects of a run': objectKeys.run(tenant, batchId),
  'the whole bucket': '',
} as const;
export type ListName = keyof typeof LISTS;

/** Names of what is deployed. */
export interface Things {
  readonly table: string;
  readonly bucket: string;
  readonly models: string;
  readonly reports: string;
  readonly dispatch: string;
  /** ARN. */
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly provider: string;
  readonly group: string;
  readonly lifecycle: string;
  readonly scheduler: string;
}

/** Finds them in the stack. */
export function thingsOf(stack: DeployedStack): Things {
  return {
    table: stack.physicalId('Store/Table/Resource'),
    bucket: stack.physicalId('Store/Bucket/Resource'),
    models: stack.physicalId('Models/Bucket/Resource'),
    reports: stack.physicalId('Queues/Reports/Queue/Resource'),
    dispatch: stack.physicalId('Queues/Dispatch-qwen3-8b/Queue/Resource'),
    cluster: `arn:aws:ecs:us-east-1:123456789012:cluster/${stack.physicalId('Gpu/Cluster/Resource')}`,
    taskDefinition: stack.physicalId('Gpu/Task-qwen3-8b/Definition/Resource'),
    provider: stack.physicalId('Gpu/gpu-24gb-spot/Provider/Provider'),
    group: stack.physicalId('Gpu/gpu-24gb-spot/Group/ASG'),
    lifecycle: stack.physicalId('Lifecycle/Machine/Resource'),
    scheduler: stack.physicalId('Scheduler/Machine/Resource'),
  };
}
