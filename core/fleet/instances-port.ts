import type { GpuInstance, InstanceGroup } from './instances.ts';

/** The instances of the GPU classes, as Auto Scaling and ECS have them. */
export interface GpuInstances {
  look(): Promise<readonly InstanceGroup[]>;
  resize(group: string, desired: number): Promise<void>;
  /** Lets no other Task come to it; those that are there go on. */
  drain(instance: GpuInstance): Promise<void>;
  /**
   * Ends an instance and takes it off its group's wish; `busy` where a Task has come to it meanwhile, which keeps it,
   * and lets it take others too unless it failed.
   */
  end(instance: GpuInstance): Promise<'ended' | 'busy'>;
}
