import type { Child } from '../../processes/child.ts';
import type { Instance } from '../capacity/instance.ts';
import { startContainer } from './container-process.ts';
import type { Task } from './task.ts';

export interface StarterOptions {
  readonly imageRoot: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly actingAs?: (taskRoleArn: string) => Readonly<Record<string, string>>;
  readonly onLog: (taskId: string, line: string) => void;
}

/** Starts containers with what ECS and EC2 put into their environment: where to learn of task and instance. */
export function containerStarter({ imageRoot, environment, actingAs, onLog }: StarterOptions) {
  let metadataUrl = '';
  return {
    /** Known only once the endpoint listens, and before any task can start. */
    setMetadataUrl(url: string): void {
      metadataUrl = url;
    },
    start(task: Task, index: number, instance: Instance): Child {
      const definition = task.definition.containers[index];
      const container = task.containers[index];
      if (definition === undefined || container === undefined) {
        throw new Error(`The task ${task.id} has no container ${index}.`);
      }
      const { taskRoleArn } = task.definition;
      return startContainer({
        definition,
        override: task.overrides.find(({ name }) => name === definition.name),
        imageRoot,
        environment: {
          ...environment,
          ...(taskRoleArn !== undefined && actingAs?.(taskRoleArn)),
          ECS_CONTAINER_METADATA_URI_V4: `${metadataUrl}/${container.runtimeId}`,
          AWS_EC2_METADATA_SERVICE_ENDPOINT: instance.metadata.url,
        },
        onLine: (line) => onLog(task.id, line),
      });
    },
  };
}
