import { expect, it } from 'vitest';
import type { InstanceGroup } from '../../../core/fleet/instances.ts';
import { changes } from '../../../scripts/measure-scaling/timeline.ts';

const GROUP: InstanceGroup = {
  ...{ name: 'spot', gpusPerInstance: 1, maxInstances: 4, waitingGpus: 0, instances: [] },
  ...{ desired: 0, launched: 0 },
};

it('tells what changed since the look before', () => {
  const busy = { id: 'i-1', arn: 'arn', busy: true, freeGpus: 0, draining: false, failed: false };
  const now = { ...GROUP, desired: 1, launched: 1, instances: [busy] };
  expect(changes([GROUP], [now])).toEqual([
    { group: 'spot', what: 'desired', from: 0, to: 1 },
    { group: 'spot', what: 'launched', from: 0, to: 1 },
    { group: 'spot', what: 'registered', from: 0, to: 1 },
    { group: 'spot', what: 'busy', from: 0, to: 1 },
  ]);
  expect(changes([now], [now])).toEqual([]);
});
