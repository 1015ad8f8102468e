import { expect, it } from 'vitest';
import { isTroubled, launchReason } from '../../../core/fleet/launch-trouble.ts';
import type { FleetId } from '../../../core/ids.ts';

it.each([
  [
    'You have requested more vCPU capacity than your current vCPU limit of 0 allows. Launching EC2 instance failed.',
    'quota',
  ],
  ['Max spot instance count exceeded. Launching EC2 instance failed.', 'quota'],
  ['Could not launch Spot Instances. UnfulfillableCapacity - Unable to fulfill capacity.', 'capacity'],
  [
    'We currently do not have sufficient g6.xlarge capacity in the Availability Zone you requested.',
    'capacity',
  ],
  ['The image id [ami-1] does not exist. Launching EC2 instance failed.', null],
] as const)('reads "%s"', (message, reason) => {
  expect(launchReason(message)).toBe(reason);
});

it('forgets a trouble after a while, and keeps spot and on-demand apart', () => {
  const trouble = { fleetId: 'a' as FleetId, capacity: 'spot', reason: 'quota', atMs: 0 } as const;
  const asked = { capacity: 'spot', reason: 'quota' } as const;
  expect(isTroubled([trouble], { ...asked, nowMs: 60_000 })).toBe(true);
  expect(isTroubled([trouble], { ...asked, nowMs: 16 * 60_000 })).toBe(false);
  expect(isTroubled([trouble], { ...asked, capacity: 'on-demand', nowMs: 60_000 })).toBe(false);
});
