import type { CallName } from './calls.ts';
import { OBJECTS, type ObjectKind } from './things.ts';

type Verb = 'read' | 'list' | 'write' | 'remove';

/** Each verb on each kind. */
const may = <V extends Verb, K extends string>(verbs: readonly V[], ...kinds: readonly K[]) =>
  kinds.flatMap((kind) => verbs.map((verb): `${V} ${K}` => `${verb} ${kind}`));
const objectKinds = Object.keys(OBJECTS) as ObjectKind[];
const READ = ['read'] as const;
const CHANGE = ['read', 'write'] as const;

const RUN_LISTS: readonly CallName[] = ['list the Segments of a Shard', 'list the objects of a run'];
/** S3 tells only those that an object is absent who may list all. */
const ALL_LISTS: readonly CallName[] = [
  ...RUN_LISTS,
  ...(['list the parts of an Upload', 'list the whole bucket'] as const),
];
const LIFECYCLES: readonly CallName[] = ['start a lifecycle', 'see a lifecycle'];
const LOOPS: readonly CallName[] = ['start a loop', 'see a loop'];

const API = {
  authorizer: ['read API keys'],
  'files-api': [
    ...may(['read', 'write', 'remove', 'list'], 'Batches'),
    ...may(['read', 'write', 'remove'], 'files'),
    ...ALL_LISTS,
  ],
  'uploads-api': [
    ...may(CHANGE, 'Batches'),
    ...may(['read', 'write', 'remove'], 'files', 'parts'),
    ...ALL_LISTS,
  ],
  'batches-api': [
    ...may(CHANGE, 'Batches', 'open Batches'),
    ...may(['list'], 'Batches', 'Shards'),
    ...may(READ, 'loops', 'error lists', 'manifests'),
    ...[...ALL_LISTS, ...LIFECYCLES],
  ],
} satisfies Record<string, readonly CallName[]>;

const LIFECYCLE = {
  'lifecycle-assess': [
    ...may(CHANGE, 'Batches', 'error lists'),
    ...may(READ, 'open Batches'),
    ...may(['list'], 'Shards'),
    ...LIFECYCLES,
  ],
  'lifecycle-intake': [
    ...may(CHANGE, 'Batches', 'files', 'intake plans', 'error lists'),
    ...may(['read', 'write', 'remove'], 'Requests'),
    ...ALL_LISTS,
  ],
  'lifecycle-enrol': [...may(CHANGE, 'Batches', 'Shards', 'loops'), ...may(READ, 'intake plans'), ...LOOPS],
  'lifecycle-wait': [...may(CHANGE, 'Batches'), ...may(READ, 'open Batches'), ...may(['list'], 'Shards')],
  'lifecycle-close': [
    ...may(CHANGE, 'Batches', 'Shards', 'intake plans', 'close plans'),
    ...may(['list'], 'Shards'),
    ...may(READ, 'Segments'),
    ...ALL_LISTS,
  ],
  'lifecycle-finalize': [
    ...may(CHANGE, 'Batches', 'manifests', 'files'),
    ...may(READ, 'close plans', 'Requests', 'Segments'),
    ...ALL_LISTS,
  ],
  'lifecycle-tell': [
    ...may(CHANGE, 'Batches'),
    ...may(['read', 'remove'], 'open Batches', 'loops'),
    ...may(['remove'], 'Requests', 'Segments'),
    ...[...RUN_LISTS, 'send an event' as const],
  ],
} satisfies Record<string, readonly CallName[]>;

const SCHEDULER = {
  'scheduler-plan': [
    ...may(['read', 'write', 'list'], 'loops', 'Shards'),
    ...may(READ, 'Batches'),
    'list the Tasks',
  ],
  'scheduler-act': [...may(CHANGE, 'Shards'), 'run a Task', 'stop a Task', 'dispatch a Shard'],
  'scheduler-wait': may(CHANGE, 'loops'),
  'scheduler-stop': may(CHANGE, 'loops'),
  'scheduler-continue': [...may(CHANGE, 'loops'), ...LOOPS],
} satisfies Record<string, readonly CallName[]>;

const CONSUMERS = {
  recorder: [
    ...may(['read', 'write', 'list'], 'Shards'),
    ...may(CHANGE, 'loops'),
    ...may(READ, 'Batches'),
    ...[...LOOPS, 'take a report' as const],
  ],
  signals: [...may(CHANGE, 'loops'), 'stop a Task', 'list the Tasks', 'list the instances'],
  sweeper: [
    ...may(['read', 'write', 'remove', 'list'], 'open Batches', 'loops'),
    ...may(['read', 'write', 'remove'], 'Batches'),
    ...may(['read', 'remove', 'list'], 'Shards'),
    ...may(CHANGE, 'clean-up rounds'),
    ...may(['remove'], 'files', 'parts', 'Requests', 'Segments'),
    ...may(['remove'], 'intake plans', 'error lists', 'close plans', 'manifests'),
    ...[...ALL_LISTS, ...LIFECYCLES, ...LOOPS],
  ],
  'instance-keeper': [
    ...may(CHANGE, 'idle instances'),
    ...(['see the groups', 'resize a group', 'list the instances', 'list the Tasks'] as const),
  ],
} satisfies Record<string, readonly CallName[]>;

/** Of every Fleet's. */
const GPU_TASK = [
  ...may(CHANGE, 'Shards', 'Segments'),
  ...may(READ, 'Requests'),
  ...(['list the Segments of a Shard', 'report a Shard'] as const),
] satisfies readonly CallName[];

/** By role: everything of `CALLS` that it may do; all else it may not. */
export const PERMISSIONS: Readonly<Record<string, readonly CallName[]>> = {
  ...API,
  ...LIFECYCLE,
  ...SCHEDULER,
  ...CONSUMERS,
  // The calls are about what is of the first Fleet.
  'GPU task of qwen3-8b': [
    ...GPU_TASK,
    ...(['take a dispatched Shard', 'read weights', 'keep compiled kernels'] as const),
  ],
  'GPU task of qwen3-embedding-06b': GPU_TASK,
  'GPU task of bge-reranker-v2-m3': GPU_TASK,
  'start of a GPU task of qwen3-8b': [],
  'start of a GPU task of qwen3-embedding-06b': [],
  'start of a GPU task of bge-reranker-v2-m3': [],
  // As long as the stack stands, though it is called only when it goes.
  'emptying of buckets': [...may(['remove'], ...objectKinds), ...ALL_LISTS],
  // Tasks are on their instance's network, and can take this one.
  'GPU instance': [],
  'Slackline-batch-lifecycle': [],
  'Slackline-fleet-scheduler': [],
};
