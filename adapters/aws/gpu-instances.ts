import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  type ContainerInstance,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  type ECSClient,
  paginateListContainerInstances,
  paginateListTasks,
  type Task,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs';
import { EXIT_CODES } from '../../core/agent/exit-code.ts';
import type { GpuInstance, InstanceGroup } from '../../core/fleet/instances.ts';
import type { GpuInstances } from '../../core/fleet/instances-port.ts';

/** An auto scaling group and what is known of its instances. */
export interface GroupOptions {
  readonly name: string;
  readonly capacityProvider: string;
  readonly gpusPerInstance: number;
  readonly maxInstances: number;
}

export interface GpuInstancesOptions {
  readonly clusterArn: string;
  readonly groups: readonly GroupOptions[];
  /** By Fleet id, which Tasks carry as `startedBy`. */
  readonly gpusPerTask: Readonly<Record<string, number>>;
}

export interface GpuInstancesClients {
  readonly ecs: ECSClient;
  readonly autoScaling: AutoScalingClient;
}

/** One call describes at most so many. */
const DESCRIBE_BATCH = 100;
/** Of an instance that is there or on its way; one that is being ended stays in its group for minutes. */
const LIVE = /^(Pending|InService)/;

export function awsGpuInstances(
  { ecs, autoScaling }: GpuInstancesClients,
  options: GpuInstancesOptions,
): GpuInstances {
  const cluster = options.clusterArn;
  return {
    look: () => look({ ecs, autoScaling }, options),
    async resize(group, desired) {
      await autoScaling.send(
        new SetDesiredCapacityCommand({
          AutoScalingGroupName: group,
          DesiredCapacity: desired,
          HonorCooldown: false,
        }),
      );
    },
    async drain({ arn }) {
      if (arn !== null) await setState(ecs, { cluster, arn, status: 'DRAINING' });
    },
    async end(instance) {
      if (await isTaken(ecs, cluster, instance)) return 'busy';
      await autoScaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({
          InstanceId: instance.id,
          ShouldDecrementDesiredCapacity: true,
        }),
      );
      return 'ended';
    },
  };
}

async function look({ ecs, autoScaling }: GpuInstancesClients, options: GpuInstancesOptions) {
  const { clusterArn, groups } = options;
  const names = groups.map(({ name }) => name);
  const [instances, tasks, stopped, described] = await Promise.all([
    containerInstances(ecs, clusterArn),
    tasksOf(ecs, clusterArn, 'RUNNING'),
    tasksOf(ecs, clusterArn, 'STOPPED'),
    autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: names })),
  ]);
  const failed = new Set(stopped.filter(hasFailedGpu).map((task) => task.containerInstanceArn));
  return groups.map((group) => {
    const found = described.AutoScalingGroups?.find((each) => each.AutoScalingGroupName === group.name);
    return groupState(group, options, { found, instances, tasks, failed });
  });
}

/** No Task is placed on it from here on; one that came just before keeps it. */
async function isTaken(ecs: ECSClient, cluster: string, { arn, failed }: GpuInstance): Promise<boolean> {
  if (arn === null) return false;
  await setState(ecs, { cluster, arn, status: 'DRAINING' });
  const [now] = await describeInstances(ecs, cluster, [arn]);
  if (now === undefined || !isBusy(now)) return false;
  if (!failed) await setState(ecs, { cluster, arn, status: 'ACTIVE' });
  return true;
}

interface Seen {
  readonly found: AutoScalingGroup | undefined;
  readonly instances: readonly ContainerInstance[];
  /** All that are to run. */
  readonly tasks: readonly Task[];
  /** ARNs of instances on which a GPU has failed. */
  readonly failed: ReadonlySet<string | undefined>;
}

function groupState(
  { name, capacityProvider, gpusPerInstance, maxInstances }: GroupOptions,
  { gpusPerTask }: GpuInstancesOptions,
  { found, instances, tasks, failed }: Seen,
): InstanceGroup {
  const waiting = tasks.filter(
    (task) => task.lastStatus === 'PROVISIONING' && task.capacityProviderName === capacityProvider,
  );
  const live = (found?.Instances ?? []).filter(({ LifecycleState = '' }) => LIVE.test(LifecycleState));
  const inService = live.filter(({ LifecycleState }) => LifecycleState === 'InService');
  return {
    ...{ name, gpusPerInstance, maxInstances },
    ...{ desired: found?.DesiredCapacity ?? 0, launched: live.length },
    waitingGpus: waiting.reduce((sum, { startedBy }) => sum + (gpusPerTask[startedBy ?? ''] ?? 1), 0),
    instances: inService.map(({ InstanceId = '' }) =>
      toGpuInstance(
        InstanceId,
        instances.find(({ ec2InstanceId }) => ec2InstanceId === InstanceId),
        failed,
      ),
    ),
  };
}

function toGpuInstance(
  id: string,
  joined: ContainerInstance | undefined,
  failed: Seen['failed'],
): GpuInstance {
  if (joined === undefined) {
    return { id, arn: null, busy: false, freeGpus: 0, draining: false, failed: false };
  }
  const gpus = joined.remainingResources?.find((resource) => resource.name === 'GPU');
  return {
    id,
    arn: joined.containerInstanceArn ?? '',
    busy: isBusy(joined),
    freeGpus: gpus?.stringSetValue?.length ?? 0,
    draining: joined.status !== 'ACTIVE',
    failed: failed.has(joined.containerInstanceArn),
  };
}

const isBusy = ({ runningTasksCount = 0, pendingTasksCount = 0 }: ContainerInstance): boolean =>
  runningTasksCount + pendingTasksCount > 0;

async function containerInstances(client: ECSClient, cluster: string): Promise<readonly ContainerInstance[]> {
  const arns: string[] = [];
  for await (const page of paginateListContainerInstances({ client }, { cluster })) {
    arns.push(...(page.containerInstanceArns ?? []));
  }
  return describeInstances(client, cluster, arns);
}

async function describeInstances(
  ecs: ECSClient,
  cluster: string,
  arns: readonly string[],
): Promise<readonly ContainerInstance[]> {
  const found: ContainerInstance[] = [];
  for (let i = 0; i < arns.length; i += DESCRIBE_BATCH) {
    const some = arns.slice(i, i + DESCRIBE_BATCH);
    const described = await ecs.send(
      new DescribeContainerInstancesCommand({ cluster, containerInstances: some }),
    );
    found.push(...(described.containerInstances ?? []));
  }
  return found;
}

const hasFailedGpu = ({ containers = [] }: Task): boolean =>
  containers.some(({ exitCode }) => exitCode === EXIT_CODES.gpuFailed);

/** ECS shows a Task that has stopped for an hour; by then its instance is gone, or drains. */
async function tasksOf(
  client: ECSClient,
  cluster: string,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<readonly Task[]> {
  const found: Task[] = [];
  const pages = paginateListTasks({ client, pageSize: DESCRIBE_BATCH }, { cluster, desiredStatus });
  for await (const { taskArns = [] } of pages) {
    if (taskArns.length === 0) continue;
    const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    found.push(...tasks);
  }
  return found;
}

async function setState(
  ecs: ECSClient,
  {
    cluster,
    arn,
    status,
  }: { readonly cluster: string; readonly arn: string; readonly status: 'ACTIVE' | 'DRAINING' },
): Promise<void> {
  await ecs.send(new UpdateContainerInstancesStateCommand({ cluster, containerInstances: [arn], status }));
}
