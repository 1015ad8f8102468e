import { z } from 'zod';
import type { Instance } from '../capacity/instance.ts';
import type { Pool } from '../capacity/pool.ts';
import type { Cluster } from '../resources/cluster.ts';
import type { Task } from '../tasks/task.ts';
import { findCluster } from './clusters.ts';
import type { EcsState } from './ecs-state.ts';
import { readInput } from './read-input.ts';

type Input = Readonly<Record<string, unknown>>;

const namesSchema = z.array(z.string()).max(100).optional();

/** DescribeCapacityProviders: those that were named, or all. */
export function describeCapacityProviders({ arnPrefix, pools }: EcsState, input: Input) {
  const { capacityProviders: wanted } = readInput(z.object({ capacityProviders: namesSchema }), input);
  const described = [...pools.values()].map(({ provider }) => ({
    capacityProviderArn: `${arnPrefix}:capacity-provider/${provider.name}`,
    name: provider.name,
    status: 'ACTIVE',
    autoScalingGroupProvider: {
      autoScalingGroupArn: provider.autoScalingGroupArn,
      managedScaling: { status: 'ENABLED' },
    },
    tags: [],
  }));
  if (wanted === undefined) return { capacityProviders: described, failures: [] };
  const names = (item: (typeof described)[number]) => [item.name, item.capacityProviderArn];
  return {
    capacityProviders: described.filter((item) => names(item).some((name) => wanted.includes(name))),
    failures: missing(wanted, described.flatMap(names)),
  };
}

/** DescribeClusters, with the counts that the running tasks give. */
export function describeClusters(state: EcsState, input: Input) {
  const { clusters: named } = readInput(z.object({ clusters: namesSchema }), input);
  const wanted = named ?? ['default'];
  const found = state.clusters.filter(({ name, arn }) => wanted.includes(name) || wanted.includes(arn));
  return {
    clusters: found.map((cluster) => describeCluster(state, cluster)),
    failures: missing(
      wanted,
      found.flatMap(({ name, arn }) => [name, arn]),
    ),
  };
}

function describeCluster(state: EcsState, { arn, name }: Cluster) {
  const tasks = state.book.all().filter((task) => task.clusterArn === arn);
  const count = (status: Task['lastStatus']) => tasks.filter((task) => task.lastStatus === status).length;
  return {
    clusterArn: arn,
    clusterName: name,
    status: 'ACTIVE',
    registeredContainerInstancesCount: allInstances(state).length,
    runningTasksCount: count('RUNNING'),
    pendingTasksCount: count('PENDING'),
    activeServicesCount: 0,
    capacityProviders: [...state.pools.keys()],
  };
}

/** ListContainerInstances: every instance that stands, in one page. */
export function listContainerInstances(state: EcsState, input: Input) {
  findCluster(state.clusters, readInput(z.object({ cluster: z.string().optional() }), input).cluster);
  return { containerInstanceArns: allInstances(state).map(({ arn }) => arn) };
}

const instancesSchema = z.object({ cluster: z.string().optional(), containerInstances: z.array(z.string()) });

export function describeContainerInstances(state: EcsState, input: Input) {
  const { cluster, containerInstances: wanted } = readInput(instancesSchema, input);
  findCluster(state.clusters, cluster);
  const isWanted = ({ arn }: Instance) => wanted.some((name) => arn === name || arn.endsWith(`/${name}`));
  const found = allInstances(state).filter(isWanted);
  return {
    containerInstances: found.map(describeInstance),
    failures: missing(
      wanted,
      found.flatMap(({ arn }) => [arn, arn.split('/').at(-1) ?? '']),
    ),
  };
}

const stateSchema = instancesSchema.extend({ status: z.enum(['ACTIVE', 'DRAINING']) });

/** UpdateContainerInstancesState: one that drains takes no task until it is active again. */
export function updateContainerInstancesState(state: EcsState, input: Input) {
  const { containerInstances: wanted, status } = readInput(stateSchema, input);
  for (const pool of state.pools.values()) {
    for (const { arn, id } of pool.instances()) {
      if (wanted.includes(arn)) pool.setUnderNotice(id, status === 'DRAINING');
    }
  }
  return describeContainerInstances(state, input);
}

function describeInstance(instance: Instance) {
  return {
    containerInstanceArn: instance.arn,
    ec2InstanceId: instance.id,
    capacityProviderName: instance.provider.name,
    status: instance.underNotice ? 'DRAINING' : 'ACTIVE',
    agentConnected: true,
    runningTasksCount: instance.taskId === undefined ? 0 : 1,
    pendingTasksCount: 0,
    registeredAt: instance.registeredAtMs / 1000,
    // A slot holds one task, so a free one has what any task asks for.
    remainingResources: [
      { name: 'GPU', type: 'STRINGSET', stringSetValue: instance.taskId === undefined ? ['gpu-0'] : [] },
    ],
    attributes: [
      { name: 'ecs.availability-zone', value: instance.availabilityZone },
      { name: 'ecs.instance-type', value: instance.provider.instanceType },
    ],
  };
}

function allInstances({ pools }: { readonly pools: ReadonlyMap<string, Pool> }): readonly Instance[] {
  return [...pools.values()].flatMap((pool) => pool.instances());
}

function missing(wanted: readonly string[], known: readonly string[]) {
  return wanted.filter((name) => !known.includes(name)).map((arn) => ({ arn, reason: 'MISSING' }));
}
