import { expect, it } from 'vitest';
import { type GpuInstance, type InstanceGroup, NO_MEMORY } from '../../../core/fleet/instances.ts';
import type { GpuInstances } from '../../../core/fleet/instances-port.ts';
import { keepInstances } from '../../../lambdas/instance-keeper/handler.ts';
import { memoryRecords } from '../../fakes/records.ts';

const well = { draining: false, failed: false };
const idle: GpuInstance = { id: 'i-1', arn: 'arn-1', busy: false, freeGpus: 1, ...well };
const EMPTY: InstanceGroup = {
  ...{ name: 'spot', gpusPerInstance: 1, maxInstances: 4, waitingGpus: 0, instances: [] },
  ...{ desired: 0, launched: 0 },
};

function rig(first: InstanceGroup, endings: 'ended' | 'busy' | 'fails' = 'ended') {
  const calls: string[] = [];
  let nowMs = 0;
  let group = first;
  const instances: GpuInstances = {
    look: async () => [group],
    resize: async (name, desired) => void calls.push(`${name} to ${desired}`),
    drain: async ({ id }) => void calls.push(`drain ${id}`),
    async end({ id }) {
      calls.push(`end ${id}`);
      if (endings === 'fails') throw new Error(`${id} cannot be ended.`);
      return endings;
    },
  };
  const records = memoryRecords();
  const keep = keepInstances({ records, instances, clock: { nowMs: () => nowMs } });
  return {
    calls,
    records,
    async lookAfter(ms: number, next: InstanceGroup = group) {
      nowMs += ms;
      group = next;
      return keep();
    },
  };
}

it('asks at once for the instance that a Task waits for', async () => {
  const { lookAfter, calls } = rig({ ...EMPTY, waitingGpus: 1 });
  expect(await lookAfter(0)).toEqual({ resized: [{ group: 'spot', desired: 1 }], ended: [] });
  expect(calls).toEqual(['spot to 1']);
});

it('ends an instance that two looks saw without a Task, and forgets it', async () => {
  const { lookAfter, calls, records } = rig({ ...EMPTY, desired: 1, launched: 1, instances: [idle] });
  await lookAfter(0);
  expect(calls).toEqual([]);
  expect((await lookAfter(120_000)).ended).toEqual(['i-1']);
  await lookAfter(60_000, EMPTY);
  expect(records.all().map(({ record }) => record)).toEqual([NO_MEMORY]);
  expect(calls).toEqual(['end i-1']);
});

it('keeps an instance that a Task came to in the last moment', async () => {
  const { lookAfter } = rig({ ...EMPTY, desired: 1, launched: 1, instances: [idle] }, 'busy');
  await lookAfter(0);
  expect((await lookAfter(120_000)).ended).toEqual([]);
});

it('writes nothing while nothing stands', async () => {
  const { lookAfter, calls, records } = rig(EMPTY);
  await lookAfter(0);
  await lookAfter(60_000);
  expect(calls).toEqual([]);
  expect(records.all()).toEqual([]);
});

it('ends nothing twice in two runs at once', async () => {
  const { lookAfter, calls } = rig({ ...EMPTY, desired: 1, launched: 1, instances: [idle] });
  await lookAfter(0);
  await Promise.all([lookAfter(120_000), lookAfter(0)]);
  expect(calls).toEqual(['end i-1']);
});

it('goes on where one instance cannot be ended, and says so', async () => {
  const other = { ...idle, id: 'i-2' };
  const { lookAfter, calls } = rig({ ...EMPTY, desired: 2, launched: 2, instances: [idle, other] }, 'fails');
  await lookAfter(0);
  await expect(lookAfter(120_000)).rejects.toThrow('i-1 cannot be ended. i-2 cannot be ended.');
  expect(calls).toEqual(['end i-1', 'end i-2']);
});

it('ends an instance on which a GPU has failed at the first look, and keeps Tasks from one that is in use', async () => {
  const instances = [
    { ...idle, failed: true },
    { ...idle, id: 'i-2', busy: true, failed: true },
  ];
  const { lookAfter, calls } = rig({ ...EMPTY, desired: 2, launched: 2, instances });
  expect((await lookAfter(0)).ended).toEqual(['i-1']);
  expect(calls).toEqual(['drain i-2', 'end i-1']);
});
