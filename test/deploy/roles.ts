import { z } from 'zod';
import type { DeployedStack } from '../../scripts/ministack/deployed-stack.ts';

const functionSchema = z.object({
  Role: z.string(),
  /** Functions of CDK have none. */
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }).optional(),
});
const machineSchema = z.object({ RoleArn: z.string(), StateMachineName: z.string() });
const taskSchema = z.object({
  TaskRoleArn: z.string(),
  ExecutionRoleArn: z.string(),
  ContainerDefinitions: z.tuple([
    z.object({ Environment: z.array(z.object({ Name: z.string(), Value: z.unknown() })) }),
  ]),
});
const profileSchema = z.object({ Roles: z.array(z.string()) });

/** The roles that something of the stack acts under, by the name of what does; those of equal instances are one. */
export function rolesOf(stack: DeployedStack): Readonly<Record<string, string>> {
  const properties = <T>(type: string, schema: z.ZodType<T>): readonly T[] =>
    stack.ofType(type).map((resource) => schema.parse(resource.properties));
  const functions = properties('AWS::Lambda::Function', functionSchema).map(({ Role, Environment }) => [
    Environment?.Variables.POWERTOOLS_SERVICE_NAME ?? 'emptying of buckets',
    nameOf(Role),
  ]);
  const machines = properties('AWS::StepFunctions::StateMachine', machineSchema).map(
    ({ RoleArn, StateMachineName }) => [StateMachineName, nameOf(RoleArn)],
  );
  const tasks = properties('AWS::ECS::TaskDefinition', taskSchema).flatMap(
    ({ TaskRoleArn, ExecutionRoleArn, ContainerDefinitions: [{ Environment }] }) => {
      const fleet = JSON.parse(String(Environment.find(({ Name }) => Name === 'FLEET')?.Value));
      return [
        [`GPU task of ${fleet.id}`, nameOf(TaskRoleArn)],
        [`start of a GPU task of ${fleet.id}`, nameOf(ExecutionRoleArn)],
      ];
    },
  );
  const instances = properties('AWS::IAM::InstanceProfile', profileSchema).map(({ Roles }) => [
    'GPU instance',
    Roles[0] ?? '',
  ]);
  return Object.fromEntries([...functions, ...machines, ...tasks, ...instances]);
}

const nameOf = (roleArn: string): string => roleArn.slice(roleArn.lastIndexOf('/') + 1);
