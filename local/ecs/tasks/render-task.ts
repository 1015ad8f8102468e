import type { EmittedEvent } from '../../events/event.ts';
import type { Task, TaskContainer } from './task.ts';

/** A task as DescribeTasks shows it, instants in epoch seconds; tags only where they were asked for. */
export function describedTask(task: Task, includeTags: boolean): Record<string, unknown> {
  return {
    ...fieldsOf(task, (ms) => ms / 1000),
    tags: includeTags ? task.tags : [],
  };
}

/** The "ECS Task State Change" event (ECS developer guide): the same fields, instants in ISO form. */
export function taskStateChange(task: Task): EmittedEvent {
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    source: 'aws.ecs',
    detailType: 'ECS Task State Change',
    resources: [task.arn],
    time: new Date(task.updatedAtMs),
    detail: { ...fieldsOf(task, iso), updatedAt: iso(task.updatedAtMs) },
  };
}

function fieldsOf(task: Task, instant: (ms: number) => unknown): Record<string, unknown> {
  const at = (ms: number | undefined) => (ms === undefined ? undefined : instant(ms));
  return withoutGaps({
    attachments: [],
    attributes: [],
    availabilityZone: task.availabilityZone,
    capacityProviderName: task.capacityProviderName,
    clusterArn: task.clusterArn,
    connectivity: task.placedAtMs === undefined ? undefined : 'CONNECTED',
    connectivityAt: at(task.placedAtMs),
    containerInstanceArn: task.containerInstanceArn,
    containers: task.containers.map((container) => containerFields(task, container)),
    createdAt: at(task.createdAtMs),
    desiredStatus: task.desiredStatus,
    executionStoppedAt: at(task.startedAtMs === undefined ? undefined : task.stoppedAtMs),
    group: task.group,
    lastStatus: task.lastStatus,
    launchType: 'EC2',
    overrides: { containerOverrides: task.overrides },
    pullStartedAt: at(task.placedAtMs),
    pullStoppedAt: at(task.startedAtMs),
    startedAt: at(task.startedAtMs),
    startedBy: task.startedBy,
    stopCode: task.stopCause?.code,
    stoppedAt: at(task.stoppedAtMs),
    stoppedReason: task.stopCause?.reason,
    stoppingAt: at(task.stoppingAtMs),
    taskArn: task.arn,
    taskDefinitionArn: task.definition.arn,
    version: task.version,
  });
}

function containerFields(task: Task, container: TaskContainer): Record<string, unknown> {
  return withoutGaps({
    containerArn: container.arn,
    taskArn: task.arn,
    name: container.name,
    image: container.image,
    runtimeId: container.runtimeId,
    lastStatus: container.lastStatus,
    exitCode: container.exitCode,
    reason: container.reason,
    cpu: '0',
    networkBindings: [],
  });
}

function withoutGaps(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
