import type { Task, TaskContainer } from '../tasks/task.ts';

/**
 * Answers a path of the task metadata endpoint, version 4 (ECS developer guide): `/v4/<id>` for the container
 * and `/v4/<id>/task` for its task. Undefined where the id or the path is unknown.
 */
export function taskMetadata(path: string, tasks: readonly Task[]): Record<string, unknown> | undefined {
  const [, id, page] = /^\/v4\/([^/]+)(\/task)?$/.exec(path) ?? [];
  for (const task of tasks) {
    const container = task.containers.find((candidate) => candidate.runtimeId === id);
    if (container !== undefined) return page === undefined ? containerPage(task, container) : taskPage(task);
  }
  return undefined;
}

function taskPage(task: Task): Record<string, unknown> {
  return {
    Cluster: task.clusterArn,
    TaskARN: task.arn,
    Family: task.definition.family,
    Revision: task.definition.revision,
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    ...pullOf(task),
    AvailabilityZone: task.availabilityZone,
    LaunchType: 'EC2',
    Containers: task.containers.map((container) => containerPage(task, container)),
  };
}

/** Images are on this machine already: a pull ends as it starts. */
function pullOf({ placedAtMs }: Task): Record<string, string> {
  if (placedAtMs === undefined) return {};
  const at = new Date(placedAtMs).toISOString();
  return { PullStartedAt: at, PullStoppedAt: at };
}

function containerPage(task: Task, container: TaskContainer): Record<string, unknown> {
  return {
    DockerId: container.runtimeId,
    Name: container.name,
    DockerName: `ecs-${task.definition.family}-${task.definition.revision}-${container.name}`,
    Image: container.image,
    Labels: {
      'com.amazonaws.ecs.cluster': task.clusterArn,
      'com.amazonaws.ecs.container-name': container.name,
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.task-definition-family': task.definition.family,
      'com.amazonaws.ecs.task-definition-version': task.definition.revision,
    },
    DesiredStatus: task.desiredStatus,
    KnownStatus: container.lastStatus,
    ContainerARN: container.arn,
    Type: 'NORMAL',
  };
}
