import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Deployment, Resource } from './deployment.ts';
import { parseProperties } from './properties.ts';

const schema = z.object({
  DefinitionString: z.string().optional(),
  Definition: z.record(z.string(), z.unknown()).optional(),
  DefinitionS3Location: z.object({ Key: z.string() }).optional(),
  DefinitionSubstitutions: z.record(z.string(), z.unknown()).default({}),
});

/** The Amazon States Language text of an AWS::StepFunctions::StateMachine, its substitutions made. */
export function stateMachineDefinition(deployment: Deployment, resource: Resource): string {
  const properties = parseProperties(resource, schema);
  const { DefinitionString, Definition, DefinitionS3Location, DefinitionSubstitutions } = properties;
  const text =
    DefinitionString ??
    (Definition && JSON.stringify(Definition)) ??
    (DefinitionS3Location && readFileSync(deployment.assetPath(DefinitionS3Location.Key), 'utf8'));
  if (text === undefined) throw new Error(`${resource.stack}.${resource.logicalId} has no definition.`);
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => {
    const value = DefinitionSubstitutions[name];
    return value === undefined ? whole : String(value);
  });
}
