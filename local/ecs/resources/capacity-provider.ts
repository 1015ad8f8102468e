import { z } from 'zod';
import type { DeployedResource } from '../../deployed-resource.ts';
import { parseProperties } from '../../template/properties.ts';

export interface CapacityProvider {
  readonly name: string;
  readonly autoScalingGroupArn: string;
  readonly groupName: string;
  readonly purchase: 'spot' | 'on-demand';
  /** The most instances that the group may have. */
  readonly slots: number;
  readonly instanceType: string;
}

const providerSchema = z.object({
  AutoScalingGroupProvider: z.object({ AutoScalingGroupArn: z.string() }),
});

const groupSchema = z.object({
  AutoScalingGroupName: z.string().optional(),
  MaxSize: z.coerce.number().int().min(0),
  MixedInstancesPolicy: z
    .object({
      InstancesDistribution: z
        .object({
          OnDemandBaseCapacity: z.coerce.number().default(0),
          OnDemandPercentageAboveBaseCapacity: z.coerce.number().default(100),
        })
        .optional(),
      LaunchTemplate: z
        .object({ Overrides: z.array(z.object({ InstanceType: z.string().optional() })).default([]) })
        .optional(),
    })
    .optional(),
});

/** Reads an AWS::ECS::CapacityProvider and the Auto Scaling group that it names. */
export function parseCapacityProvider(
  resource: DeployedResource,
  groups: readonly DeployedResource[],
): CapacityProvider {
  const { AutoScalingGroupArn } = parseProperties(resource, providerSchema).AutoScalingGroupProvider;
  const group = groups.find((candidate) => isNamedBy(candidate, AutoScalingGroupArn));
  if (group === undefined) {
    throw new Error(
      `${resource.stack}.${resource.logicalId} (${resource.type}): there is no ` +
        `AWS::AutoScaling::AutoScalingGroup ${AutoScalingGroupArn}.`,
    );
  }
  const { MaxSize, MixedInstancesPolicy: policy } = parseProperties(group, groupSchema);
  const distribution = policy?.InstancesDistribution;
  const spot =
    distribution?.OnDemandPercentageAboveBaseCapacity === 0 && distribution.OnDemandBaseCapacity === 0;
  return {
    name: resource.physicalId,
    autoScalingGroupArn: AutoScalingGroupArn,
    groupName: group.physicalId,
    purchase: spot ? 'spot' : 'on-demand',
    slots: MaxSize,
    instanceType: policy?.LaunchTemplate?.Overrides[0]?.InstanceType ?? 'local',
  };
}

/** The property takes a name as well as an ARN. */
function isNamedBy(group: DeployedResource, arnOrName: string): boolean {
  return arnOrName === group.physicalId || arnOrName.endsWith(`/${group.physicalId}`);
}
