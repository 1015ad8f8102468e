import type { StackSource } from './cloud-assembly.ts';
import type { DeploymentEnvironment } from './environment.ts';
import { resolve } from './intrinsics.ts';
import type { Resource } from './resource.ts';
import { openScope } from './stack-scope.ts';

export interface Stack {
  readonly name: string;
  has(logicalId: string): boolean;
  physical(logicalId: string): string;
  attribute(logicalId: string, attribute: string): unknown;
  resources(): Resource[];
  outputs(): [name: string, value: string][];
  /** The value of an export, or undefined if this stack does not export that name. */
  exportNamed(name: string): string | undefined;
}

/** Opens one template: resources whose Condition is false are not there, and a Ref to one is an error. */
export function openStack(
  source: StackSource,
  environment: DeploymentEnvironment,
  importValue: (name: string) => string,
): Stack {
  const { name: stack, template } = source;
  const { scope, physical, exists } = openScope(source, environment, importValue);
  const outputs = () => Object.entries(template.Outputs).filter(([, output]) => exists(output));
  return {
    name: stack,
    has: (logicalId) => logicalId in template.Resources,
    physical,
    attribute: scope.attribute,
    resources: () =>
      Object.entries(template.Resources)
        .filter(([, resource]) => exists(resource))
        .map(([logicalId, { Type, Properties }]) => ({
          stack,
          logicalId,
          type: Type,
          properties: naming(`${stack}.${logicalId}`, () =>
            resolve(Properties, scope),
          ) as Resource['properties'],
        })),
    outputs: () =>
      outputs().map(([name, { Value }]) => [
        name,
        naming(`${stack}.${name}`, () => asText(resolve(Value, scope))),
      ]),
    exportNamed(name) {
      const found = outputs().find(([, { Export }]) => Export && resolve(Export.Name, scope) === name);
      return found && asText(resolve(found[1].Value, scope));
    },
  };
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function naming<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
