import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { type Child, type ChildExit, startChild } from '../../processes/child.ts';
import type { ContainerDefinition } from '../resources/task-definition.ts';
import type { ContainerOverride } from './task.ts';

export interface ContainerPlan {
  readonly definition: ContainerDefinition;
  readonly override: ContainerOverride | undefined;
  /** The directory that stands for the image's file system. */
  readonly imageRoot: string;
  /** Set last: it wins over what definition and override say. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

/** A container that cannot be started, with the reason that ECS would show. */
export class CannotStartContainer extends Error {}

/** Runs a container as a child process. Throws CannotStartContainer where its image would have to be read. */
export function startContainer(plan: ContainerPlan): Child {
  const { definition, override, onLine } = plan;
  for (const name of definition.secretNames) {
    if (name in plan.environment) continue;
    onLine(`${name} is not set: the local stack reads no secrets. Give it by --task-env ${name}=<value>.`);
  }
  const overridden = (override?.environment ?? []).map(({ name, value }) => [name, value]);
  return startChild({
    command: commandOf(definition, override),
    cwd: workingDirectory(plan),
    env: { ...definition.environment, ...Object.fromEntries(overridden), ...plan.environment },
    onLine,
  });
}

/** The code by which a container runtime tells how PID 1 ended: 128 and the number of a fatal signal. */
export function exitCodeOf({ code, signal }: ChildExit): number {
  if (code !== null) return code;
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

function commandOf(definition: ContainerDefinition, override?: ContainerOverride): [string, ...string[]] {
  const [program, ...rest] = [...definition.entryPoint, ...(override?.command ?? definition.command)];
  if (program === undefined) {
    throw new CannotStartContainer(
      `CannotStartContainerError: the container ${definition.name} has neither EntryPoint nor Command in its ` +
        'task definition, and the local stack reads no image.',
    );
  }
  return [program === 'node' ? process.execPath : program, ...rest];
}

function workingDirectory({ definition, imageRoot }: ContainerPlan): string {
  const directory = join(imageRoot, definition.workingDirectory);
  if (existsSync(directory)) return directory;
  throw new CannotStartContainer(
    `CannotStartContainerError: the container ${definition.name} works in ` +
      `${definition.workingDirectory || '/'}, which is not below the directory that stands for its image.`,
  );
}
