import type { FleetId } from '../ids.ts';
import type { Capacity, FleetTask } from './task.ts';

/** The Tasks of Fleets, as ECS runs them. */
export interface FleetTasks {
  /** Live ones, and those stopped within about an hour. */
  list(fleetId: FleetId): Promise<readonly FleetTask[]>;
  /** Starts up to ten Tasks; the same token starts none twice within a day. */
  run(
    fleetId: FleetId,
    run: { readonly capacity: Capacity; readonly count: number; readonly token: string },
  ): Promise<void>;
  /** Asks a Task to drain and end; one that has ended is no error. */
  stop(arn: string): Promise<void>;
  /** The same for every Task on an EC2 instance; `foreign` where the instance is not of this cluster. */
  stopOnInstance(instanceId: string): Promise<'asked' | 'foreign'>;
}
