import {
  ClientException,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  type ECSClient,
  InvalidParameterException,
  ListContainerInstancesCommand,
  ListTasksCommand,
  type ListTasksCommandInput,
  RunTaskCommand,
  StopTaskCommand,
  type StopTaskCommandInput,
  type Task,
} from '@aws-sdk/client-ecs';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import { type Capacity, type FleetTask, taskEnd } from '../../core/fleet/task.ts';
import type { FleetTasks } from '../../core/fleet/tasks-port.ts';
import type { FleetId } from '../../core/ids.ts';

/** DescribeTasks takes at most this many ARNs. */
const DESCRIBE_BATCH = 100;
/** Container that `CAPACITY` is set for: the agent. */
const AGENT_CONTAINER = 'Agent';

export interface FleetTasksOptions {
  readonly clusterArn: string;
  readonly fleets: readonly Fleet[];
  /** ARN by Fleet id. */
  readonly taskDefinitionArns: Readonly<Record<string, string>>;
  /** Names by GPU class id. */
  readonly capacityProviders: Readonly<Record<string, { readonly spot: string; readonly onDemand: string }>>;
}

/** Tasks in one ECS cluster. Each RunTask names one capacity provider: a strategy of two is a split, not a fallback. */
export function ecsFleetTasks(client: ECSClient, options: FleetTasksOptions): FleetTasks {
  const cluster = options.clusterArn;
  return {
    async list(fleetId) {
      const family = familyOf(definitionOf(options, fleetId));
      const arns = [
        ...(await listArns(client, { cluster, family, desiredStatus: 'RUNNING' })),
        ...(await listArns(client, { cluster, family, desiredStatus: 'STOPPED' })),
      ];
      return (await describe(client, cluster, [...new Set(arns)])).map((task) => toFleetTask(task, options));
    },
    async run(fleetId, { capacity, count, token }) {
      const { failures = [] } = await client.send(
        new RunTaskCommand({
          cluster,
          count,
          clientToken: token,
          taskDefinition: definitionOf(options, fleetId),
          startedBy: fleetId,
          capacityProviderStrategy: [{ capacityProvider: providerOf(options, fleetId, capacity), weight: 1 }],
          overrides: {
            containerOverrides: [
              { name: AGENT_CONTAINER, environment: [{ name: 'CAPACITY', value: capacity }] },
            ],
          },
        }),
      );
      const [failure] = failures;
      if (failure !== undefined)
        throw new Error(`ECS could not start a Task of ${fleetId}: ${failure.reason}.`);
    },
    stop: (task) => stopTask(client, { cluster, task, reason: 'No Deadline needs it any more' }),
    async stopOnInstance(instanceId) {
      const containerInstance = await containerInstanceOf(client, cluster, instanceId);
      if (containerInstance === null) return 'foreign';
      const reason = `Spot takes ${instanceId} back`;
      for (const task of await listArns(client, { cluster, containerInstance, desiredStatus: 'RUNNING' })) {
        await stopTask(client, { cluster, task, reason });
      }
      return 'asked';
    },
  };
}

async function stopTask(client: ECSClient, task: StopTaskCommandInput): Promise<void> {
  try {
    await client.send(new StopTaskCommand(task));
  } catch (error) {
    if (!(error instanceof InvalidParameterException || error instanceof ClientException)) throw error;
  }
}

/** ECS's ARN of an EC2 instance; a cluster of ours has fewer than the hundred that one call describes. */
async function containerInstanceOf(
  client: ECSClient,
  cluster: string,
  instanceId: string,
): Promise<string | null> {
  const { containerInstanceArns = [] } = await client.send(new ListContainerInstancesCommand({ cluster }));
  if (containerInstanceArns.length === 0) return null;
  const { containerInstances = [] } = await client.send(
    new DescribeContainerInstancesCommand({ cluster, containerInstances: containerInstanceArns }),
  );
  const found = containerInstances.find(({ ec2InstanceId }) => ec2InstanceId === instanceId);
  return found?.containerInstanceArn ?? null;
}

const familyOf = (definitionArn: string): string => definitionArn.replace(/^.*\//, '').replace(/:\d+$/, '');

function definitionOf({ taskDefinitionArns }: FleetTasksOptions, fleetId: FleetId): string {
  const arn = taskDefinitionArns[fleetId];
  if (arn === undefined) throw new Error(`No task definition is configured for the Fleet ${fleetId}.`);
  return arn;
}

function providerOf(options: FleetTasksOptions, fleetId: FleetId, capacity: Capacity): string {
  const gpuClass = options.fleets.find(({ id }) => id === fleetId)?.gpuClass ?? '';
  const providers = options.capacityProviders[gpuClass];
  if (providers === undefined)
    throw new Error(`No capacity providers are configured for the Fleet ${fleetId}.`);
  return capacity === 'spot' ? providers.spot : providers.onDemand;
}

async function listArns(
  client: ECSClient,
  filter: Pick<ListTasksCommandInput, 'cluster' | 'family' | 'containerInstance' | 'desiredStatus'>,
): Promise<readonly string[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new ListTasksCommand({ ...filter, ...(nextToken && { nextToken }) }));
    arns.push(...(page.taskArns ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return arns;
}

async function describe(
  client: ECSClient,
  cluster: string,
  arns: readonly string[],
): Promise<readonly Task[]> {
  const tasks: Task[] = [];
  for (let i = 0; i < arns.length; i += DESCRIBE_BATCH) {
    const page = await client.send(
      new DescribeTasksCommand({ cluster, tasks: arns.slice(i, i + DESCRIBE_BATCH) }),
    );
    tasks.push(...(page.tasks ?? []));
  }
  return tasks;
}

function toFleetTask(task: Task, { capacityProviders }: FleetTasksOptions): FleetTask {
  const onDemand = Object.values(capacityProviders).some(
    (each) => each.onDemand === task.capacityProviderName,
  );
  return {
    arn: task.taskArn ?? '',
    capacity: onDemand ? 'on-demand' : 'spot',
    createdAtMs: task.createdAt?.getTime() ?? 0,
    status: statusOf(task),
  };
}

function statusOf(task: Task): FleetTask['status'] {
  if (task.lastStatus === 'STOPPED') {
    const { stopCode, stoppedReason, containers = [] } = task;
    const exitCodes = containers.flatMap(({ exitCode }) => exitCode ?? []);
    const placed = task.containerInstanceArn !== undefined || task.startedAt !== undefined;
    const end = taskEnd({ stopCode, stoppedReason, exitCodes, placed });
    return { kind: 'stopped', atMs: task.stoppedAt?.getTime() ?? 0, end };
  }
  if (task.desiredStatus === 'STOPPED') return { kind: 'stopping' };
  return { kind: task.lastStatus === 'RUNNING' ? 'running' : 'starting' };
}
