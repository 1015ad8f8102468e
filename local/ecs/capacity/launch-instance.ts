import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../step-functions/clock.ts';
import { startInstanceMetadata } from '../metadata/instance-metadata.ts';
import type { CapacityProvider } from '../resources/capacity-provider.ts';
import type { Instance } from './instance.ts';

export interface LaunchSettings {
  readonly region: string;
  /** `arn:aws:ecs:<region>:<account>`. */
  readonly arnPrefix: string;
  readonly clock: Clock;
}

/** Makes an instance that is ready for a task: its metadata service answers. */
export async function launchInstance(
  provider: CapacityProvider,
  settings: LaunchSettings,
): Promise<Instance> {
  const { region, arnPrefix, clock } = settings;
  const id = `i-${randomBytes(9).toString('hex').slice(0, 17)}`;
  const availabilityZone = `${region}a`;
  const { instanceType, purchase } = provider;
  const facts = { instanceId: id, instanceType, availabilityZone, region, purchase };
  return {
    id,
    arn: `${arnPrefix}:container-instance/${randomUUID().replaceAll('-', '')}`,
    provider,
    availabilityZone,
    registeredAtMs: clock.nowMs(),
    metadata: await startInstanceMetadata(facts, clock),
    taskId: undefined,
    underNotice: false,
  };
}
