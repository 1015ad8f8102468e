import type { Catalogue } from '../../core/fleet/catalogue.ts';
import type { FleetTasksOptions } from './fleet-tasks.ts';

/** Options of ecsFleetTasks from the variables that the stack sets. */
export function fleetTasksOptions(
  env: Readonly<Record<'CLUSTER_ARN' | 'TASK_DEFINITION_ARNS' | 'CAPACITY_PROVIDERS', string>>,
  { fleets }: Catalogue,
): FleetTasksOptions {
  return {
    clusterArn: env.CLUSTER_ARN,
    fleets,
    taskDefinitionArns: JSON.parse(env.TASK_DEFINITION_ARNS) as FleetTasksOptions['taskDefinitionArns'],
    capacityProviders: JSON.parse(env.CAPACITY_PROVIDERS) as FleetTasksOptions['capacityProviders'],
  };
}
