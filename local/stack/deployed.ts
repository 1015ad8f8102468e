import type { DeployedResource } from '../deployed-resource.ts';
import type { Deployment } from '../template/deployment.ts';

/** The resources of a CloudFormation type with what `Ref` gives for each. */
export function deployed(deployment: Deployment, type: string): readonly DeployedResource[] {
  return deployment.ofType(type).map((resource) => ({
    ...resource,
    physicalId: deployment.physical(resource.logicalId, resource.stack),
  }));
}
