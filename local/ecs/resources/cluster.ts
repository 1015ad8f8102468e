import type { DeployedResource } from '../../deployed-resource.ts';

export interface Cluster {
  readonly arn: string;
  readonly name: string;
}

/** The cluster of an AWS::ECS::Cluster in this region and account. */
export function clusterOf(resource: DeployedResource, arnPrefix: string): Cluster {
  return { name: resource.physicalId, arn: `${arnPrefix}:cluster/${resource.physicalId}` };
}
