import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { z } from 'zod';
import { stackOutputs } from '../../adapters/aws/stack-outputs.ts';
import type { DeployedResource } from '../../local/deployed-resource.ts';
import { readCloudAssembly, type StackSource } from '../../local/template/cloud-assembly.ts';
import { resolve, type Scope } from '../../local/template/intrinsics.ts';
import { isPseudoParameter, pseudoParameter } from '../../local/template/pseudo-parameters.ts';
import { ACCOUNT_ID, REGION } from './emulator.ts';

export interface DeployedStack {
  readonly name: string;
  readonly outputs: Readonly<Record<string, string>>;
  /** Of a resource by its path in the construct tree, without the stack: `Store/Table/Resource`. */
  physicalId(path: string): string;
  /** With the properties as CloudFormation resolved them, as far as names and ARNs of roles go. */
  ofType(type: string): readonly DeployedResource[];
}

/** By path: where a resource stands in the construct tree, and under which id in the template. */
const metadataSchema = z.record(z.string(), z.array(z.object({ type: z.string(), data: z.unknown() })));

/** Reads from CloudFormation what became of the one stack of an assembly. */
export async function readDeployedStack(
  client: CloudFormationClient,
  assembly: string,
): Promise<DeployedStack> {
  const source = onlyStack(assembly);
  const { name } = source;
  const physicalIds = await physicalIdsOf(client, name);
  const physical = (logicalId: string): string => {
    const found = physicalIds.get(logicalId);
    if (found === undefined) throw new Error(`The stack ${name} has no resource ${logicalId}.`);
    return found;
  };
  const file = join(assembly, `${name}.metadata.json`);
  const metadata = metadataSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return {
    name,
    outputs: (await stackOutputs(client, name)) ?? {},
    physicalId(path) {
      const logicalId = metadata[`/${name}/${path}`]?.find(({ type }) => type === 'aws:cdk:logicalId')?.data;
      if (logicalId === undefined) throw new Error(`The stack ${name} has nothing at ${path}.`);
      return physical(String(logicalId));
    },
    ofType: (type) => resourcesOf(source, type, physical),
  };
}

function onlyStack(assembly: string): StackSource {
  const [source, another] = readCloudAssembly(assembly).stacks;
  if (source === undefined || another !== undefined)
    throw new Error(`${assembly}: one stack is expected, neither none nor several.`);
  return source;
}

async function physicalIdsOf(
  client: CloudFormationClient,
  StackName: string,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let NextToken: string | undefined;
  do {
    const page = await client.send(
      new ListStackResourcesCommand({ StackName, ...(NextToken && { NextToken }) }),
    );
    for (const { LogicalResourceId = '', PhysicalResourceId = '' } of page.StackResourceSummaries ?? [])
      found.set(LogicalResourceId, PhysicalResourceId);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

function resourcesOf(
  { name: stack, template }: StackSource,
  type: string,
  physical: (logicalId: string) => string,
): readonly DeployedResource[] {
  const scope = scopeOf(stack, physical);
  return Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([logicalId, { Properties }]) => ({
      ...{ stack, logicalId, type, physicalId: physical(logicalId) },
      properties: resolve(Properties, scope) as Record<string, unknown>,
    }));
}

function scopeOf(stack: string, physical: (logicalId: string) => string): Scope {
  const endpoints = { sqs: '', gateway: '' };
  const environment = { region: REGION, accountId: ACCOUNT_ID, partition: 'aws', endpoints };
  const notThere = (what: string) => () => {
    throw new Error(`${stack}: ${what} are not resolved here.`);
  };
  return {
    ref: (name) => (isPseudoParameter(name) ? pseudoParameter(name, stack, environment) : physical(name)),
    attribute: (logicalId, attribute) =>
      attribute === 'Arn' ? roleArn(physical(logicalId)) : `${logicalId}.${attribute}`,
    condition: notThere('conditions'),
    mapping: notThere('mappings'),
    importValue: notThere('imports'),
    localAddress: (text) => text,
  };
}

export const roleArn = (roleName: string): string => `arn:aws:iam::${ACCOUNT_ID}:role/${roleName}`;
