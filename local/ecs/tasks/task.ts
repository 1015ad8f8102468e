import type { TaskDefinition } from '../resources/task-definition.ts';

export type TaskStatus = 'PROVISIONING' | 'PENDING' | 'RUNNING' | 'DEPROVISIONING' | 'STOPPED';

export type StopCode =
  | 'EssentialContainerExited'
  | 'InfrastructureHealth'
  | 'SpotInterruption'
  | 'TaskFailedToStart'
  | 'UserInitiated';

export interface StopCause {
  readonly code: StopCode;
  readonly reason: string;
}

export interface TaskContainer {
  readonly arn: string;
  readonly runtimeId: string;
  readonly name: string;
  readonly image: string;
  readonly lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  readonly exitCode?: number;
  readonly reason?: string;
}

export interface Tag {
  readonly key: string;
  readonly value?: string | undefined;
}

export interface ContainerOverride {
  readonly name: string;
  readonly command?: readonly string[] | undefined;
  readonly environment?: readonly { readonly name: string; readonly value: string }[] | undefined;
}

/** What RunTask fixed for good. */
export interface TaskOrder {
  readonly id: string;
  readonly arn: string;
  readonly clusterArn: string;
  readonly definition: TaskDefinition;
  readonly capacityProviderName: string;
  readonly group: string;
  readonly startedBy: string | undefined;
  readonly tags: readonly Tag[];
  readonly overrides: readonly ContainerOverride[];
  readonly createdAtMs: number;
}

/** What changes; each change raises the version by one. */
export interface TaskState {
  readonly lastStatus: TaskStatus;
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
  readonly containers: readonly TaskContainer[];
  readonly containerInstanceArn?: string;
  readonly availabilityZone?: string;
  readonly placedAtMs?: number;
  readonly startedAtMs?: number;
  readonly stoppingAtMs?: number;
  readonly stoppedAtMs?: number;
  readonly stopCause?: StopCause;
}

export interface Task extends TaskOrder, TaskState {
  readonly version: number;
  readonly updatedAtMs: number;
}
