import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { DescribeCapacityProvidersCommand, type ECSClient } from '@aws-sdk/client-ecs';
import type { GpuInstancesOptions } from '../../adapters/aws/gpu-instances.ts';

/** The cluster and the auto scaling groups of a deployed stack. Fails where it has none. */
export async function stackGroups(ecs: ECSClient, stackName: string): Promise<GpuInstancesOptions> {
  const resources = await resourcesOf(stackName);
  const [clusterArn] = resources('AWS::ECS::Cluster');
  const capacityProviders = resources('AWS::ECS::CapacityProvider');
  if (clusterArn === undefined || capacityProviders.length === 0) {
    throw new Error(`The stack ${stackName} has no ECS cluster with capacity providers.`);
  }
  const described = await ecs.send(new DescribeCapacityProvidersCommand({ capacityProviders }));
  const groups = (described.capacityProviders ?? []).map(({ name = '', autoScalingGroupProvider }) => ({
    name: autoScalingGroupProvider?.autoScalingGroupArn?.split('/').at(-1) ?? '',
    capacityProvider: name,
    // Only counted here, never changed.
    ...{ gpusPerInstance: 1, maxInstances: 1 },
  }));
  return { clusterArn, groups, gpusPerTask: {} };
}

async function resourcesOf(StackName: string): Promise<(type: string) => string[]> {
  const client = new CloudFormationClient();
  const found: { readonly type: string | undefined; readonly id: string | undefined }[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName })) {
    const summaries = page.StackResourceSummaries ?? [];
    found.push(
      ...summaries.map(({ ResourceType, PhysicalResourceId }) => ({
        type: ResourceType,
        id: PhysicalResourceId,
      })),
    );
  }
  return (type) => found.flatMap((each) => (each.type === type && each.id !== undefined ? [each.id] : []));
}
