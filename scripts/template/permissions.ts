import { flatReference } from '../../lib/flat-reference.ts';
import type { Resource } from './resources.ts';

/** One statement of a role. */
export interface Permission {
  readonly actions: readonly string[];
  /** In cdk-nag's notation: `<StoreTable0CCFA19B.Arn>`. */
  readonly resources: readonly string[];
  readonly conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface RolePermissions {
  readonly role: Resource;
  /** AWS's own policies. */
  readonly managed: readonly string[];
  readonly permissions: readonly Permission[];
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Permission['conditions'];
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** What each role may do by itself. Throws on a statement that does not allow: roles have no need of any. */
export function permissionsOf(resources: readonly Resource[]): readonly RolePermissions[] {
  const policies = resources.filter(({ type }) => type === 'AWS::IAM::Policy');
  return resources
    .filter(({ type }) => type === 'AWS::IAM::Role')
    .map((role) => {
      const own = policies.filter(({ properties }) =>
        properties['Roles'].some((each: unknown) => flatReference(each) === `<${role.logicalId}>`),
      );
      return {
        role,
        managed: (role.properties['ManagedPolicyArns'] ?? []).map(flatReference),
        permissions: own.flatMap(({ properties }) =>
          (properties['PolicyDocument'].Statement as readonly Statement[]).map(toPermission),
        ),
      };
    });
}

function toPermission({ Effect, Action, Resource, Condition = {} }: Statement): Permission {
  if (Effect !== 'Allow') throw new Error(`A role has a statement of the effect ${Effect}.`);
  return {
    actions: listOf(Action).map(String),
    resources: listOf(Resource).map(flatReference),
    conditions: Condition,
  };
}
