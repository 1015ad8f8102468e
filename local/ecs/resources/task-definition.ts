import { z } from 'zod';
import type { DeployedResource } from '../../deployed-resource.ts';
import { parseProperties } from '../../template/properties.ts';

export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly entryPoint: readonly string[];
  readonly command: readonly string[];
  /** As in the image: an absolute path, or empty for its root. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly secretNames: readonly string[];
  readonly essential: boolean;
  readonly stopTimeoutMs: number;
}

export interface TaskDefinition {
  readonly arn: string;
  readonly family: string;
  readonly revision: string;
  /** Of the role that its Tasks act under. */
  readonly taskRoleArn: string | undefined;
  readonly containers: readonly ContainerDefinition[];
}

/** ECS's default, where neither container nor agent says otherwise. */
const STOP_TIMEOUT_SECONDS = 30;

const flag = z.union([z.boolean(), z.enum(['true', 'false'])]).transform((v) => v === true || v === 'true');
const words = z.array(z.string()).default([]);

const containerSchema = z.object({
  Name: z.string(),
  Image: z.unknown().transform((image) => (typeof image === 'string' ? image : JSON.stringify(image ?? ''))),
  EntryPoint: words,
  Command: words,
  WorkingDirectory: z.string().default(''),
  Environment: z.array(z.object({ Name: z.string(), Value: z.coerce.string() })).default([]),
  Secrets: z.array(z.object({ Name: z.string() })).default([]),
  Essential: flag.default(true),
  StopTimeout: z.coerce.number().int().min(0).default(STOP_TIMEOUT_SECONDS),
});

const definitionSchema = z.object({
  TaskRoleArn: z.string().optional(),
  ContainerDefinitions: z.array(containerSchema).min(1),
});

/** Reads an AWS::ECS::TaskDefinition. Throws an error that names resource and property. */
export function parseTaskDefinition(resource: DeployedResource): TaskDefinition {
  const { TaskRoleArn, ContainerDefinitions } = parseProperties(resource, definitionSchema);
  const [family = '', revision = '1'] = resource.physicalId.split('/').at(-1)?.split(':') ?? [];
  return {
    arn: resource.physicalId,
    family,
    revision,
    taskRoleArn: TaskRoleArn,
    containers: ContainerDefinitions.map((container) => ({
      name: container.Name,
      image: container.Image,
      entryPoint: container.EntryPoint,
      command: container.Command,
      workingDirectory: container.WorkingDirectory,
      environment: Object.fromEntries(container.Environment.map(({ Name, Value }) => [Name, Value])),
      secretNames: container.Secrets.map(({ Name }) => Name),
      essential: container.Essential,
      stopTimeoutMs: container.StopTimeout * 1000,
    })),
  };
}
