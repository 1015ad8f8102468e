import { join } from 'node:path';
import { ECSClient } from '@aws-sdk/client-ecs';
import { startAutoScaling } from '../auto-scaling/server.ts';
import { type Ecs, startEcs } from '../ecs/server.ts';
import type { EmittedEvent } from '../events/event.ts';
import type { LambdaRunner } from '../lambda/runner.ts';
import { startStepFunctions } from '../step-functions/server.ts';
import { createStateMachines } from './create-resources.ts';
import { deployed } from './deployed.ts';
import { executionEndedEvent } from './execution-ended.ts';
import type { Settings } from './settings.ts';
import { stopTasks } from './stop-tasks.ts';
import { taskOutcome } from './task-outcome.ts';

export interface ComputeOptions {
  readonly invoke: LambdaRunner['invoke'];
  readonly emit: (event: EmittedEvent) => void;
}

/** An agent gets this long to write what it has finished before it is killed. */
const TASKS_END_MS = 20_000;

/** Starts the state machines of the deployment; executions of an earlier start are aborted. */
export async function startMachines(
  settings: Settings,
  running: AsyncDisposableStack,
  { invoke, emit }: ComputeOptions,
): Promise<void> {
  const sfn = await startStepFunctions({
    databaseFile: join(settings.dataDirectory, 'step-functions.db'),
    port: settings.ports.sfn,
    invokeLambda: async (name, payload) => taskOutcome(await invoke(name, payload)),
    onExecutionEnded: (ended) => emit(executionEndedEvent(ended)),
  });
  running.defer(sfn.close);
  createStateMachines(settings.deployment, sfn);
}

/** Starts ECS, and Auto Scaling for its instances. */
export async function startContainers(
  settings: Settings,
  running: AsyncDisposableStack,
  { emit }: ComputeOptions,
): Promise<Ecs> {
  const { deployment, region, accountId, imageRoot, onLog } = settings;
  const clusters = deployed(deployment, 'AWS::ECS::Cluster');
  const ecs = await startEcs({
    clusters,
    taskDefinitions: deployed(deployment, 'AWS::ECS::TaskDefinition'),
    capacityProviders: deployed(deployment, 'AWS::ECS::CapacityProvider'),
    autoScalingGroups: deployed(deployment, 'AWS::AutoScaling::AutoScalingGroup'),
    imageRoot,
    environment: settings.containerEnvironment,
    region,
    accountId,
    emit,
    onLog: (name, line) => onLog({ kind: 'task', name }, line),
    port: settings.ports.ecs,
  });
  running.defer(ecs.close);
  const autoScaling = await startAutoScaling({ pools: ecs.pools, port: settings.ports.autoscaling });
  running.defer(autoScaling.close);
  return ecs;
}

/** Lets the running tasks end by themselves when the stack is closed; the scheduler can start no others meanwhile. */
export function endTasksFirst(settings: Settings, running: AsyncDisposableStack, { url, freeze }: Ecs): void {
  const { region, credentials, deployment } = settings;
  const clusters = deployed(deployment, 'AWS::ECS::Cluster').map(({ physicalId }) => physicalId);
  running.defer(async () => {
    freeze();
    const client = new ECSClient({ endpoint: url, region, credentials });
    await stopTasks({ client, clusters, limitMs: TASKS_END_MS });
    client.destroy();
  });
}
