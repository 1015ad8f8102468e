import type { Resource } from './template/deployment.ts';

/** A resolved CloudFormation resource together with what `Ref` gives for it. */
export interface DeployedResource extends Resource {
  readonly physicalId: string;
}
