import { type Operation, serveAwsJson } from '../aws-json/server.ts';
import type { DeployedResource } from '../deployed-resource.ts';
import type { EmittedEvent } from '../events/event.ts';
import { type Clock, systemClock } from '../step-functions/clock.ts';
import { createInterrupter, type Interrupted, type InterruptionRequest } from './capacity/interruption.ts';
import { openPools, type SetSpotCapacity, spotCapacity } from './capacity/open-pools.ts';
import type { Pool } from './capacity/pool.ts';
import { controlRoute } from './control.ts';
import {
  describeCapacityProviders,
  describeClusters,
  describeContainerInstances,
  listContainerInstances,
  updateContainerInstancesState,
} from './operations/capacity.ts';
import { createClientTokens } from './operations/client-tokens.ts';
import type { EcsState } from './operations/ecs-state.ts';
import { runTask } from './operations/run-task.ts';
import { describeTasks, listTasks, stopTask } from './operations/tasks.ts';
import { clusterOf } from './resources/cluster.ts';
import { parseTaskDefinition } from './resources/task-definition.ts';
import { containerStarter } from './tasks/container-starter.ts';
import { taskStateChange } from './tasks/render-task.ts';
import { openTaskBook } from './tasks/task-book.ts';
import { createTaskRunner } from './tasks/task-runner.ts';

export interface EcsOptions {
  readonly clusters: readonly DeployedResource[];
  readonly taskDefinitions: readonly DeployedResource[];
  readonly capacityProviders: readonly DeployedResource[];
  /** The AWS::AutoScaling::AutoScalingGroup of each capacity provider. */
  readonly autoScalingGroups: readonly DeployedResource[];
  /** The directory that stands for the file system of every image. */
  readonly imageRoot: string;
  /** Set in every container, above its own: PATH, credentials, region, AWS_ENDPOINT_URL_*. */
  readonly environment: Readonly<Record<string, string>>;
  /** Set too in containers of Tasks with this role: what makes them act under it. @default - nobody asks who calls */
  readonly actingAs?: (taskRoleArn: string) => Readonly<Record<string, string>>;
  readonly region: string;
  readonly accountId: string;
  readonly emit: (event: EmittedEvent) => void;
  /** Told each line that a container prints. */
  readonly onLog: (taskId: string, line: string) => void;
  /** @default - a free one */
  readonly port?: number;
  readonly clock?: Clock;
  /** @default 0 */
  readonly instanceStartMs?: number;
  /** How long an instance without a task is kept for the next one. @default - one minute */
  readonly instanceIdleMs?: number;
  /** How long a task waits for capacity. @default - ten minutes, the least that AWS gives */
  readonly provisioningTimeoutMs?: number;
  /** Between SIGTERM and SIGKILL when an interrupted instance shuts down. @default - three seconds */
  readonly shutdownGraceMs?: number;
}

export interface Ecs {
  readonly url: string;
  /** The instances, one pool for each capacity provider. */
  readonly pools: readonly Pool[];
  interrupt(request: InterruptionRequest): Interrupted;
  /** Lets at most so many instances of a spot capacity provider stand; running ones stay. */
  readonly setSpotCapacity: SetSpotCapacity;
  /** Lets tasks be run from these too, as after an update of their stack; those that run stay as they are. */
  registerTaskDefinitions(resources: readonly DeployedResource[]): void;
  /** Starts no task any more: those that are asked for wait as if there were no capacity. */
  freeze(): void;
  /** Kills every task that runs, and stops to answer. */
  close(): Promise<void>;
}

/** Serves ECS on 127.0.0.1: tasks are child processes, instances are slots. The state is in memory. */
export async function startEcs(options: EcsOptions): Promise<Ecs> {
  const { clock = systemClock, region, accountId, emit } = options;
  const arnPrefix = `arn:aws:ecs:${region}:${accountId}`;
  const pools = openPools({ ...options, clock, arnPrefix });
  const book = openTaskBook(clock, (task) => emit(taskStateChange(task)));
  const starter = containerStarter(options);
  const runner = createTaskRunner({
    book,
    clock,
    poolOf: (name) => pools.get(name),
    startContainer: starter.start,
    provisioningTimeoutMs: options.provisioningTimeoutMs ?? 600_000,
  });
  const interrupter = createInterrupter({
    ...{ pools: [...pools.byName.values()], book, runner, clock, emit, region, accountId },
    shutdownGraceMs: options.shutdownGraceMs ?? 3_000,
  });
  const { interrupt } = interrupter;
  const setSpotCapacity = spotCapacity(pools);
  const taskDefinitions = options.taskDefinitions.map(parseTaskDefinition);
  const state: EcsState = {
    arnPrefix,
    clusters: options.clusters.map((resource) => clusterOf(resource, arnPrefix)),
    taskDefinitions,
    ...{ pools: pools.byName, book, runner, clock },
    tokens: createClientTokens(clock),
  };
  const listener = await serveAwsJson({
    targetPrefix: 'AmazonEC2ContainerServiceV20141113',
    operations: operationsOn(state),
    route: controlRoute({ book, pools: pools.byName, interrupt, setSpotCapacity }),
    ...(options.port !== undefined && { port: options.port }),
  });
  starter.setMetadataUrl(`${listener.url}/v4`);
  return {
    url: listener.url,
    pools: [...pools.byName.values()],
    interrupt,
    setSpotCapacity,
    registerTaskDefinitions: (resources) =>
      void taskDefinitions.unshift(...resources.map(parseTaskDefinition)),
    freeze: pools.freeze,
    async close() {
      interrupter.close();
      await runner.close();
      await pools.close();
      await listener.close();
    },
  };
}

function operationsOn(state: EcsState): Record<string, Operation> {
  return {
    RunTask: (input) => runTask(state, input),
    DescribeTasks: (input) => describeTasks(state, input),
    ListTasks: (input) => listTasks(state, input),
    StopTask: (input) => stopTask(state, input),
    DescribeCapacityProviders: (input) => describeCapacityProviders(state, input),
    DescribeClusters: (input) => describeClusters(state, input),
    ListContainerInstances: (input) => listContainerInstances(state, input),
    DescribeContainerInstances: (input) => describeContainerInstances(state, input),
    UpdateContainerInstancesState: (input) => updateContainerInstancesState(state, input),
  };
}
