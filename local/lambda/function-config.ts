import { statSync } from 'node:fs';
import { z } from 'zod';
import type { Deployment, Resource } from '../template/deployment.ts';
import { parseProperties } from '../template/properties.ts';

const variable = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const schema = z.object({
  Handler: z.string().optional(),
  Runtime: z.string().optional(),
  PackageType: z.string().default('Zip'),
  Code: z.object({ S3Key: z.string().optional() }),
  Timeout: z.coerce.number().default(3),
  MemorySize: z.coerce.number().default(128),
  ReservedConcurrentExecutions: z.coerce.number().optional(),
  Environment: z.object({ Variables: z.record(z.string(), variable).default({}) }).optional(),
});

export interface FunctionConfig {
  readonly name: string;
  readonly arn: string;
  readonly handler: string;
  readonly codeDirectory: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly reservedConcurrency: number | undefined;
  readonly variables: Readonly<Record<string, string>>;
}

/** Reads what is needed to run a function; throws for one that this runner cannot run, saying why. */
export function functionConfig(deployment: Deployment, resource: Resource): FunctionConfig {
  const properties = parseProperties(resource, schema);
  const { Handler, Runtime, Code } = properties;
  const label = `${resource.stack}.${resource.logicalId}`;
  if (properties.PackageType !== 'Zip' || !Runtime?.startsWith('nodejs') || Handler === undefined) {
    throw new Error(
      `${label}: only zip functions of a Node.js runtime run locally, not ${Runtime ?? 'images'}.`,
    );
  }
  if (Code.S3Key === undefined) {
    throw new Error(`${label}: inline code does not run locally: make it an asset.`);
  }
  const codeDirectory = deployment.assetPath(Code.S3Key);
  if (!statSync(codeDirectory).isDirectory()) {
    throw new Error(`${label}: its code ${codeDirectory} is not a folder: make the asset from a folder.`);
  }
  const name = deployment.physical(resource.logicalId, resource.stack);
  const { partition, region, accountId } = deployment.environment;
  return {
    name,
    arn: `arn:${partition}:lambda:${region}:${accountId}:function:${name}`,
    handler: Handler,
    codeDirectory,
    timeoutMs: properties.Timeout * 1000,
    memoryMb: properties.MemorySize,
    reservedConcurrency: properties.ReservedConcurrentExecutions,
    variables: properties.Environment?.Variables ?? {},
  };
}

/** The function's name in a name, a partial ARN or an ARN, with or without version or alias. */
export function functionNameOf(nameOrArn: string): string {
  const afterFunction = /(?:^|:)function:(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;
  return afterFunction.split(':')[0] ?? afterFunction;
}
