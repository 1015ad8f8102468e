import { readCloudAssembly } from './cloud-assembly.ts';
import type { DeploymentEnvironment } from './environment.ts';
import type { Resource } from './resource.ts';
import { openStack, type Stack } from './stack.ts';

export type { Resource } from './resource.ts';

export interface Deployment {
  readonly environment: DeploymentEnvironment;
  readonly resources: readonly Resource[];
  /** By output name; an output whose name another stack took first is found under `Stack.Name`. */
  readonly outputs: Readonly<Record<string, string>>;
  ofType(type: string): readonly Resource[];
  /** What `Ref` gives. The stack is needed only where two stacks use the same logical id. */
  readonly physical: (logicalId: string, stack?: string) => string;
  /** What `Fn::GetAtt` gives; throws for an attribute that is not known. */
  readonly attribute: (logicalId: string, attribute: string, stack?: string) => unknown;
  /** The directory or file on this machine that `cdk deploy` would upload under this key. */
  assetPath(s3Key: string): string;
}

/**
 * Reads what `cdk synth` wrote and resolves it as CloudFormation would, with physical names that are a
 * function of stack, logical id and environment alone. Throws an error that names stack, resource and cause.
 */
export function readAssembly(directory: string, environment: DeploymentEnvironment): Deployment {
  const assembly = readCloudAssembly(directory);
  const stacks: Stack[] = [];
  const importValue = (name: string) => findExport(stacks, name);
  for (const source of assembly.stacks) stacks.push(openStack(source, environment, importValue));
  const resources = stacks.flatMap((stack) => stack.resources());
  return {
    environment,
    resources,
    outputs: collectOutputs(stacks),
    ofType: (type) => resources.filter((resource) => resource.type === type),
    physical: (logicalId, stack) => findOwner(stacks, logicalId, stack).physical(logicalId),
    attribute: (logicalId, attribute, stack) =>
      findOwner(stacks, logicalId, stack).attribute(logicalId, attribute),
    assetPath(s3Key) {
      const path = assembly.assets.get(s3Key);
      if (path === undefined)
        throw new Error(`${directory} has no asset with the key ${s3Key}: synth again.`);
      return path;
    },
  };
}

function findExport(stacks: readonly Stack[], name: string): string {
  for (const stack of stacks) {
    const value = stack.exportNamed(name);
    if (value !== undefined) return value;
  }
  throw new Error(`Fn::ImportValue: no stack of this assembly exports ${name}.`);
}

function collectOutputs(stacks: readonly Stack[]): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const stack of stacks) {
    for (const [name, value] of stack.outputs()) {
      outputs[name in outputs ? `${stack.name}.${name}` : name] = value;
    }
  }
  return outputs;
}

function findOwner(stacks: readonly Stack[], logicalId: string, stackName?: string): Stack {
  const owners = stacks.filter((s) => (stackName ?? s.name) === s.name && s.has(logicalId));
  const [owner, another] = owners;
  if (owner === undefined) throw new Error(`No stack of this assembly has a resource ${logicalId}.`);
  if (another !== undefined) {
    throw new Error(`${logicalId} stands in ${owners.map((s) => s.name).join(' and ')}: name the stack too.`);
  }
  return owner;
}
