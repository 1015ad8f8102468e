import { Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { flatReference } from './flat-reference.ts';

export interface Permission {
  /** Each by its whole name. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Operator → condition key → values. @default - none */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Why resources are named by a pattern; must be said where one is. @default - none is */
  readonly because?: string;
}

/** Adds a permission to a role. Throws where an action is a pattern, or a resource is one and nobody says why. */
export function allow(grantee: IGrantable, permission: Permission): void {
  const { actions, resources, conditions = {}, because } = permission;
  const role = grantee.grantPrincipal;
  const pattern = actions.find((action) => action.includes('*'));
  if (pattern !== undefined) throw new Error(`Name the actions that ${pattern} is to stand for.`);
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: [...actions], resources: [...resources], conditions: { ...conditions } }),
  );
  if (!Construct.isConstruct(role)) return;
  for (const resource of resources) {
    const name = flatReference(Stack.of(role).resolve(resource));
    if (!name.includes('*')) continue;
    if (because === undefined) throw new Error(`Say why ${actions.join(', ')} is allowed on ${name}.`);
    acknowledge(role, { [`AwsSolutions-IAM5[Resource::${name}]`]: because });
  }
}
