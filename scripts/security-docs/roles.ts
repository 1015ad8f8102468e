import { code, table } from '../template/markdown.ts';
import { permissionsOf, type RolePermissions } from '../template/permissions.ts';
import type { Resource } from '../template/resources.ts';
import type { Wording } from './wording.ts';

/** What acts under a role, by the type of the resource that names it. */
const KINDS: Readonly<Record<string, string>> = {
  'AWS::Lambda::Function': 'Function',
  'AWS::StepFunctions::StateMachine': 'State machine',
  'AWS::ECS::TaskDefinition': 'Task',
  'AWS::IAM::InstanceProfile': 'Instance',
  'AWS::ApiGateway::Account': 'API Gateway',
  'AWS::EC2::FlowLog': 'Flow logs',
};

/** A table for each role: actions, resources and conditions. */
export function roleTables(resources: readonly Resource[], wording: Wording): string {
  return permissionsOf(resources)
    .map((role) => ({ title: titleOf(role, resources), text: rolesTable(role, wording) }))
    .sort((a, b) => (a.title < b.title ? -1 : 1))
    .map(({ title, text }) => `### ${title}\n\n${text}`)
    .join('\n\n');
}

function titleOf({ role }: RolePermissions, resources: readonly Resource[]): string {
  const owner = resources.find(({ type, properties }) => type in KINDS && names(properties, role.logicalId));
  if (owner === undefined) return `Role ${role.path}`;
  const title = `${KINDS[owner.type]} ${owner.path.replace(/^Functions\//, '')}`;
  if (owner.type !== 'AWS::ECS::TaskDefinition') return title;
  return names(owner.properties['TaskRoleArn'], role.logicalId)
    ? `${title}: the agent`
    : `${title}: ECS, to start it`;
}

function names(value: unknown, logicalId: string): boolean {
  const text = JSON.stringify(value) ?? '';
  return text.includes(`["${logicalId}","Arn"]`) || text.includes(`{"Ref":"${logicalId}"}`);
}

function rolesTable({ managed, permissions }: RolePermissions, { reference, conditions }: Wording): string {
  const own = permissions.map((permission) => [
    permission.actions.map(code).join(', '),
    permission.resources.map((resource) => code(reference(resource))).join(', '),
    conditions(permission.conditions),
  ]);
  const ofAws = managed.map((policy) => [`AWS’s policy ${code(policy.replace(/^.*policy\//, ''))}`, '', '']);
  return table(['May', 'On', 'Only where'], [...ofAws, ...own]);
}
