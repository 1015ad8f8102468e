import type { InstanceMetadata } from '../metadata/instance-metadata.ts';
import type { CapacityProvider } from '../resources/capacity-provider.ts';

/** What stands for an EC2 instance: a slot for one task, with a metadata service of its own. */
export interface Instance {
  readonly id: string;
  readonly arn: string;
  readonly provider: CapacityProvider;
  readonly availabilityZone: string;
  readonly registeredAtMs: number;
  readonly metadata: InstanceMetadata;
  readonly taskId: string | undefined;
  /** A spot instance under notice runs on, but takes no new task. */
  readonly underNotice: boolean;
}
