import type { StoreAccess } from './store-access.ts';

/** A body of any length is written in parts where it is long, and looked at afterwards. */
const WRITE_STREAM = ['read', 'write', 'abort'] as const;
/** Written once; where something stands there, it is compared. */
const WRITE_ONCE = ['read', 'write'] as const;
/** Every change of a record reads it first. */
const CHANGE = ['read', 'write'] as const;

/** Who does what with records and objects: as little as their code calls for. */
export const STORE_USERS = {
  readApiKeys: { records: [{ of: ['keys'], may: ['read'] }] },
  serveFiles: {
    records: [{ of: ['tenants'], may: [...CHANGE, 'remove', 'list'] }],
    objects: [{ of: ['files'], may: [...WRITE_ONCE, 'remove'] }],
    meetsMissing: true,
  },
  serveUploads: {
    records: [{ of: ['tenants'], may: [...CHANGE, 'check'] }],
    objects: [
      { of: ['files'], may: [...WRITE_STREAM, 'listParts', 'remove'] },
      { of: ['parts'], may: [...WRITE_ONCE, 'remove'] },
    ],
    lists: ['parts'],
    meetsMissing: true,
  },
  serveBatches: {
    records: [
      { of: ['tenants', 'open'], may: [...CHANGE, 'check'] },
      { of: ['tenants', 'shards'], may: ['list'] },
      { of: ['fleets'], may: ['read'] },
    ],
    objects: [{ of: ['errorLists', 'manifests'], may: ['read'] }],
    meetsMissing: true,
  },
  assessBatches: {
    records: [
      { of: ['tenants'], may: CHANGE },
      { of: ['open'], may: ['read'] },
      { of: ['shards'], may: ['list'] },
    ],
    objects: [{ of: ['errorLists'], may: WRITE_ONCE }],
  },
  takeIn: {
    records: [{ of: ['tenants'], may: [...CHANGE, 'check'] }],
    objects: [
      { of: ['files'], may: WRITE_STREAM },
      { of: ['intakePlans', 'errorLists'], may: WRITE_ONCE },
      { of: ['shards'], may: [...WRITE_ONCE, 'remove'] },
    ],
    meetsMissing: true,
  },
  enrol: {
    records: [{ of: ['tenants', 'shards', 'fleets'], may: CHANGE }],
    objects: [{ of: ['intakePlans'], may: ['read'] }],
  },
  awaitBatches: {
    records: [
      { of: ['tenants'], may: CHANGE },
      { of: ['open'], may: ['read'] },
      { of: ['shards'], may: ['list'] },
    ],
  },
  closeBatches: {
    records: [
      { of: ['tenants'], may: CHANGE },
      { of: ['shards'], may: [...CHANGE, 'list'] },
    ],
    objects: [
      { of: ['intakePlans', 'closePlans'], may: WRITE_ONCE },
      { of: ['segments'], may: ['read'] },
    ],
    lists: ['segments'],
    meetsMissing: true,
  },
  finalizeBatches: {
    records: [{ of: ['tenants'], may: CHANGE }],
    objects: [
      { of: ['closePlans', 'shards', 'segments'], may: ['read'] },
      { of: ['manifests'], may: WRITE_ONCE },
      { of: ['files'], may: WRITE_STREAM },
    ],
    meetsMissing: true,
  },
  tellBatches: {
    records: [
      { of: ['tenants'], may: CHANGE },
      { of: ['open', 'fleets'], may: ['read', 'remove'] },
    ],
    objects: [{ of: ['runs'], may: ['remove'] }],
    lists: ['runs'],
  },
  planFleets: {
    records: [
      { of: ['fleets', 'shards'], may: [...CHANGE, 'list'] },
      { of: ['tenants'], may: ['read'] },
    ],
  },
  dispatchShards: { records: [{ of: ['shards'], may: CHANGE }] },
  keepLoops: { records: [{ of: ['fleets'], may: CHANGE }] },
  recordReports: {
    records: [
      { of: ['shards'], may: [...CHANGE, 'list'] },
      { of: ['fleets'], may: CHANGE },
      { of: ['tenants'], may: ['read'] },
    ],
  },
  sweep: {
    records: [
      { of: ['open', 'fleets'], may: [...CHANGE, 'remove', 'list'] },
      { of: ['tenants'], may: [...CHANGE, 'remove'] },
      { of: ['shards'], may: ['read', 'remove', 'list'] },
      { of: ['cleanUp'], may: CHANGE },
    ],
    objects: [{ of: ['files', 'parts', 'batches', 'runs'], may: ['remove'] }],
    lists: 'all',
  },
  keepInstances: { records: [{ of: ['instanceMemory'], may: CHANGE }] },
  /** An agent's. It reads no input and no output, and deletes nothing. */
  leaseShards: {
    records: [{ of: ['shards'], may: CHANGE }],
    objects: [
      { of: ['shards'], may: ['read'] },
      { of: ['segments'], may: WRITE_ONCE },
    ],
    lists: ['segments'],
  },
} as const satisfies Readonly<Record<string, StoreAccess>>;

export type StoreUser = keyof typeof STORE_USERS;
