import {
  type AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  type ContainerInstance,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListContainerInstancesCommand,
  ListTasksCommand,
  type Task,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs';
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

/** One call describes a hundred; the caps of a class keep a cluster of ours below that. */
export function awsGpuInstances(
  { ecs, autoScaling }: GpuInstancesClients,
  options: GpuInstancesOptions,
): GpuInstances {
  const cluster = options.clusterArn;
  return {
    async look() {
      const [instances, tasks, groups] = await Promise.all([
        containerInstances(ecs, cluster),
        waitingTasks(ecs, cluster),
        autoScaling.send(
          new DescribeAutoScalingGroupsCommand({
            AutoScalingGroupNames: options.groups.map(({ name }) => name),
          }),
        ),
      ]);
      return options.groups.map((group) => {
        const found = groups.AutoScalingGroups?.find((each) => each.AutoScalingGroupName === group.name);
        const sizes = { desired: found?.DesiredCapacity ?? 0, launched: found?.Instances?.length ?? 0 };
        return { ...sizes, ...groupState(group, options, { instances, tasks }) };
      });
    },
    async resize(group, desired) {
      await autoScaling.send(
        new SetDesiredCapacityCommand({
          AutoScalingGroupName: group,
          DesiredCapacity: desired,
          HonorCooldown: false,
        }),
      );
    },
    async end({ arn, id }) {
      // No Task is placed on it from here on; one that came just before keeps it.
      await setState(ecs, { cluster, arn, status: 'DRAINING' });
      const [now] = await describeInstances(ecs, cluster, [arn]);
      if (now !== undefined && isBusy(now)) {
        await setState(ecs, { cluster, arn, status: 'ACTIVE' });
        return 'busy';
      }
      await autoScaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({
          InstanceId: id,
          ShouldDecrementDesiredCapacity: true,
        }),
      );
      return 'ended';
    },
  };
}

interface Seen {
  readonly instances: readonly ContainerInstance[];
  readonly tasks: readonly Task[];
}

function groupState(
  { name, capacityProvider, gpusPerInstance, maxInstances }: GroupOptions,
  { gpusPerTask }: GpuInstancesOptions,
  { instances, tasks }: Seen,
): Omit<InstanceGroup, 'desired' | 'launched'> {
  const waiting = tasks.filter((task) => task.capacityProviderName === capacityProvider);
  return {
    ...{ name, gpusPerInstance, maxInstances },
    waitingGpus: waiting.reduce((sum, { startedBy }) => sum + (gpusPerTask[startedBy ?? ''] ?? 1), 0),
    instances: instances
      .filter((instance) => instance.capacityProviderName === capacityProvider)
      .map(toGpuInstance),
  };
}

function toGpuInstance(instance: ContainerInstance): GpuInstance {
  const gpus = instance.remainingResources?.find((resource) => resource.name === 'GPU');
  return {
    id: instance.ec2InstanceId ?? '',
    arn: instance.containerInstanceArn ?? '',
    busy: isBusy(instance),
    freeGpus: gpus?.stringSetValue?.length ?? 0,
    draining: instance.status !== 'ACTIVE',
  };
}

const isBusy = ({ runningTasksCount = 0, pendingTasksCount = 0 }: ContainerInstance): boolean =>
  runningTasksCount + pendingTasksCount > 0;

async function containerInstances(ecs: ECSClient, cluster: string): Promise<readonly ContainerInstance[]> {
  const { containerInstanceArns = [] } = await ecs.send(new ListContainerInstancesCommand({ cluster }));
  return containerInstanceArns.length === 0 ? [] : describeInstances(ecs, cluster, containerInstanceArns);
}

async function describeInstances(
  ecs: ECSClient,
  cluster: string,
  arns: string[],
): Promise<readonly ContainerInstance[]> {
  const described = await ecs.send(
    new DescribeContainerInstancesCommand({ cluster, containerInstances: arns }),
  );
  return described.containerInstances ?? [];
}

/** Tasks that have no instance yet. */
async function waitingTasks(ecs: ECSClient, cluster: string): Promise<readonly Task[]> {
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, desiredStatus: 'RUNNING' }));
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
  return tasks.filter(({ lastStatus }) => lastStatus === 'PROVISIONING');
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
