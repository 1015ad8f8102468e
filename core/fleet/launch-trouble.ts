import type { FleetId } from '../ids.ts';
import type { Capacity } from './task.ts';

/** Why instances do not come: the account may not have them, or EC2 has none to give. */
export type LaunchReason = 'quota' | 'capacity';

/** The last launch that failed for a Fleet, of one capacity provider. */
export interface LaunchTrouble {
  readonly fleetId: FleetId;
  readonly capacity: Capacity;
  readonly reason: LaunchReason;
  readonly atMs: number;
}

/** Auto Scaling goes on trying every few minutes and says each time that it failed. */
const FRESH_MS = 15 * 60_000;

/** Error codes of EC2 that Auto Scaling quotes, and the words that it puts around them. */
const QUOTA =
  /VcpuLimitExceeded|MaxSpotInstanceCountExceeded|InstanceLimitExceeded|vCPU limit|spot instance count/i;
const CAPACITY =
  /InsufficientInstanceCapacity|UnfulfillableCapacity|capacity-not-available|not have sufficient|no Spot capacity/i;

/** Reads the `StatusMessage` of "EC2 Instance Launch Unsuccessful"; null where it tells of something else. */
export function launchReason(statusMessage: string): LaunchReason | null {
  if (QUOTA.test(statusMessage)) return 'quota';
  return CAPACITY.test(statusMessage) ? 'capacity' : null;
}

/** Whether launches of this capacity provider have failed lately for this reason. */
export const isTroubled = (
  troubles: readonly LaunchTrouble[],
  trouble: { readonly capacity: Capacity; readonly reason: LaunchReason; readonly nowMs: number },
): boolean =>
  troubles.some(
    ({ capacity, reason, atMs }) =>
      capacity === trouble.capacity && reason === trouble.reason && atMs > trouble.nowMs - FRESH_MS,
  );
