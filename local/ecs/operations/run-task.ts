import { randomBytes, randomUUID } from 'node:crypto';
import { RefusedCall } from '../../aws-json/refused-call.ts';
import type { Cluster } from '../resources/cluster.ts';
import type { TaskDefinition } from '../resources/task-definition.ts';
import { describedTask } from '../tasks/render-task.ts';
import type { Task, TaskContainer } from '../tasks/task.ts';
import { findCluster } from './clusters.ts';
import type { EcsState } from './ecs-state.ts';
import { invalid, type RunTaskInput, readRunTask } from './run-task-input.ts';

/** RunTask: answers with tasks in PROVISIONING, whether there is capacity or not; they wait for it. */
export function runTask(state: EcsState, input: Readonly<Record<string, unknown>>) {
  const call = readRunTask(input);
  const cluster = findCluster(state.clusters, call.cluster);
  const definition = findDefinition(state.taskDefinitions, call.taskDefinition);
  checkNames(state, call, definition);
  const use = call.clientToken && { cluster: cluster.arn, token: call.clientToken, input };
  const earlier = use ? state.tokens.earlier(use) : undefined;
  if (earlier !== undefined) {
    const tasks = earlier.map((id) => state.book.find(id)).filter((task) => task !== undefined);
    return answer(tasks);
  }
  const tasks = Array.from({ length: call.count }, () => addTask(state, { call, cluster, definition }));
  if (use)
    state.tokens.remember(
      use,
      tasks.map(({ id }) => id),
    );
  // Rendered first: the answer shows tasks that have not begun.
  const rendered = answer(tasks);
  for (const task of tasks) state.runner.start(task);
  return rendered;
}

function answer(tasks: readonly Task[]) {
  return { tasks: tasks.map((task) => describedTask(task, true)), failures: [] };
}

function findDefinition(definitions: readonly TaskDefinition[], named: string): TaskDefinition {
  const found = definitions.find(
    ({ arn, family, revision }) => named === arn || named === family || named === `${family}:${revision}`,
  );
  if (found === undefined) throw new RefusedCall('ClientException', `TaskDefinition not found: ${named}.`);
  return found;
}

function checkNames({ pools }: EcsState, call: RunTaskInput, { containers }: TaskDefinition): void {
  if (!pools.has(call.capacityProvider)) {
    throw invalid(`The specified capacity provider '${call.capacityProvider}' was not found.`);
  }
  for (const { name } of call.overrides.containerOverrides) {
    if (containers.some((container) => container.name === name)) continue;
    throw invalid(`Override for container named ${name} is not a container in the TaskDefinition.`);
  }
}

interface NewTask {
  readonly call: RunTaskInput;
  readonly cluster: Cluster;
  readonly definition: TaskDefinition;
}

function addTask({ arnPrefix, book, clock }: EcsState, { call, cluster, definition }: NewTask): Task {
  const id = randomUUID().replaceAll('-', '');
  const containers = definition.containers.map(
    ({ name, image }): TaskContainer => ({
      arn: `${arnPrefix}:container/${cluster.name}/${id}/${randomUUID()}`,
      runtimeId: randomBytes(32).toString('hex'),
      name,
      image,
      lastStatus: 'PENDING',
    }),
  );
  return book.add(
    {
      id,
      arn: `${arnPrefix}:task/${cluster.name}/${id}`,
      clusterArn: cluster.arn,
      definition,
      capacityProviderName: call.capacityProvider,
      group: call.group ?? `family:${definition.family}`,
      startedBy: call.startedBy,
      tags: call.tags,
      overrides: call.overrides.containerOverrides,
      createdAtMs: clock.nowMs(),
    },
    { lastStatus: 'PROVISIONING', desiredStatus: 'RUNNING', containers },
  );
}
