import { z } from 'zod';
import { describedTask } from '../tasks/render-task.ts';
import type { Task } from '../tasks/task.ts';
import { findCluster } from './clusters.ts';
import type { EcsState } from './ecs-state.ts';
import { readInput } from './read-input.ts';
import { invalid } from './run-task-input.ts';

type Input = Readonly<Record<string, unknown>>;

const MOST_TASKS = 100;

const describeSchema = z.object({
  cluster: z.string().optional(),
  tasks: z.array(z.string()).max(MOST_TASKS),
  include: z.array(z.literal('TAGS')).default([]),
});

/** DescribeTasks; a task that is unknown, or stopped over an hour ago, is a failure MISSING. */
export function describeTasks(state: EcsState, input: Input) {
  const { cluster, tasks, include } = readInput(describeSchema, input);
  const { arn: clusterArn, name } = findCluster(state.clusters, cluster);
  const found: Task[] = [];
  const failures: { arn: string; reason: string }[] = [];
  for (const wanted of tasks) {
    const task = state.book.find(wanted);
    const arn = wanted.startsWith('arn:') ? wanted : `${state.arnPrefix}:task/${name}/${wanted}`;
    if (task?.clusterArn === clusterArn) found.push(task);
    else failures.push({ arn, reason: 'MISSING' });
  }
  return { tasks: found.map((task) => describedTask(task, include.length > 0)), failures };
}

const listSchema = z.object({
  cluster: z.string().optional(),
  containerInstance: z.string().optional(),
  desiredStatus: z.enum(['RUNNING', 'PENDING', 'STOPPED']).default('RUNNING'),
  family: z.string().optional(),
  startedBy: z.string().optional(),
  maxResults: z.number().int().min(1).max(MOST_TASKS).default(MOST_TASKS),
  nextToken: z.string().optional(),
});

/** ListTasks, in the order of the ARNs; the token names the last task that was shown. */
export function listTasks(state: EcsState, input: Input) {
  const call = readInput(listSchema, input);
  const { arn: clusterArn } = findCluster(state.clusters, call.cluster);
  if (call.startedBy !== undefined && (call.family ?? call.containerInstance) !== undefined) {
    throw invalid('startedBy: it must be the only filter.');
  }
  const arns = state.book
    .all()
    .filter(
      (task) =>
        task.clusterArn === clusterArn &&
        task.desiredStatus === call.desiredStatus &&
        (call.family === undefined || task.definition.family === call.family) &&
        (call.startedBy === undefined || task.startedBy === call.startedBy) &&
        (call.containerInstance === undefined || task.containerInstanceArn === call.containerInstance),
    )
    .map((task) => task.arn)
    .sort();
  const { nextToken } = call;
  const rest = nextToken === undefined ? arns : arns.filter((arn) => arn > nextToken);
  const taskArns = rest.slice(0, call.maxResults);
  return { taskArns, ...(rest.length > taskArns.length && { nextToken: taskArns.at(-1) }) };
}

const stopSchema = z.object({
  cluster: z.string().optional(),
  task: z.string(),
  reason: z.string().max(1_024).optional(),
});

/** StopTask: answers at once; the processes get SIGTERM, and SIGKILL after the container's stop timeout. */
export function stopTask(state: EcsState, input: Input) {
  const { cluster, task: wanted, reason } = readInput(stopSchema, input);
  const { arn: clusterArn } = findCluster(state.clusters, cluster);
  const task = state.book.find(wanted);
  if (task?.clusterArn !== clusterArn) throw invalid('The referenced task was not found.');
  void state.runner.stop(task.id, { code: 'UserInitiated', reason: reason ?? 'Task stopped by user' });
  return { task: describedTask(state.book.find(task.id) ?? task, true) };
}
