import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type GpuInstance,
  type InstanceGroup,
  NO_MEMORY,
  planInstances,
  wantedInstances,
} from '../../../core/fleet/instances.ts';

const well = { draining: false, failed: false };
const free: GpuInstance = { id: 'i-free', arn: 'free', busy: false, freeGpus: 1, ...well };
const busy: GpuInstance = { id: 'i-busy', arn: 'busy', busy: true, freeGpus: 0, ...well };

const group = (changes: Partial<InstanceGroup> = {}): InstanceGroup => ({
  ...{ name: 'spot', gpusPerInstance: 1, maxInstances: 4, waitingGpus: 0, instances: [] },
  ...{ desired: 0, launched: 0 },
  ...changes,
});

describe('how many instances a group should have', () => {
  it.each([
    ['one for a Task that waits, from zero', group({ waitingGpus: 1 }), 1],
    ['none more where one is on its way', group({ waitingGpus: 1, desired: 1 }), 1],
    ['none more where one is free', group({ waitingGpus: 1, desired: 1, launched: 1, instances: [free] }), 1],
    [
      'one more where the others are busy',
      group({ waitingGpus: 1, desired: 1, launched: 1, instances: [busy] }),
      2,
    ],
    [
      'one more where the free one drains',
      group({ waitingGpus: 1, desired: 1, launched: 1, instances: [{ ...free, draining: true }] }),
      2,
    ],
    [
      'one more where a GPU of the free one has failed',
      group({ waitingGpus: 1, desired: 1, launched: 1, instances: [{ ...free, failed: true }] }),
      2,
    ],
    ['as many as there may be', group({ waitingGpus: 9 }), 4],
    ['whole instances for Tasks of some GPUs', group({ gpusPerInstance: 8, waitingGpus: 12 }), 2],
    ['no more than have come once nobody waits', group({ desired: 3, launched: 1, instances: [busy] }), 1],
    ['what there is while Tasks run', group({ desired: 1, launched: 1, instances: [busy] }), 1],
  ])('is %s', (_, facts, wanted) => {
    expect(wantedInstances(facts)).toBe(wanted);
  });

  it('never exceeds the quota for Tasks that wait, and never shrinks while they do', () => {
    const counts = fc.record({
      waitingGpus: fc.integer({ min: 1, max: 40 }),
      desired: fc.integer({ min: 0, max: 4 }),
      launched: fc.integer({ min: 0, max: 4 }),
      gpusPerInstance: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(counts, (facts) => {
        const wanted = wantedInstances(group(facts));
        expect(wanted).toBeGreaterThanOrEqual(facts.desired);
        expect(wanted).toBeLessThanOrEqual(Math.max(facts.desired, 4));
      }),
    );
  });
});

describe('instances without a Task', () => {
  const standing = group({ desired: 2, launched: 2, instances: [free, busy] });
  const idleFor = (id: string) => ({ ...NO_MEMORY, idleSinceMs: { [id]: 0 } });

  it('are remembered when first seen, and end after two minutes', () => {
    const first = planInstances({ nowMs: 1000, groups: [standing], memory: NO_MEMORY });
    const memory = { ...NO_MEMORY, idleSinceMs: { 'i-free': 1000 } };
    expect(first).toEqual({ resize: [], drain: [], end: [], memory });
    const early = planInstances({ ...first, nowMs: 120_999, groups: [standing] });
    expect(early.end).toEqual([]);
    const late = planInstances({ ...first, nowMs: 121_000, groups: [standing] });
    expect(late.end).toEqual([free]);
  });

  it('are ended once while they go, and once more where they have not gone', () => {
    const first = planInstances({ nowMs: 200_000, groups: [standing], memory: idleFor('i-free') });
    expect(first.end).toEqual([free]);
    const again = planInstances({ ...first, nowMs: 260_000, groups: [standing] });
    expect(again.end).toEqual([]);
    const later = planInstances({ ...again, nowMs: 380_000, groups: [standing] });
    expect(later.end).toEqual([free]);
  });

  it('start anew once a Task was on them', () => {
    const used = group({ desired: 1, launched: 1, instances: [{ ...free, busy: true }] });
    const { memory } = planInstances({ nowMs: 60_000, groups: [used], memory: idleFor('i-free') });
    expect(memory).toEqual(NO_MEMORY);
  });

  it('stay while a Task of their group waits, unless they drain', () => {
    const endWith = (instance: GpuInstance) => {
      const groups = [{ ...standing, waitingGpus: 1, instances: [instance] }];
      return planInstances({ nowMs: 900_000, groups, memory: idleFor('i-free') }).end;
    };
    expect(endWith(free)).toEqual([]);
    expect(endWith({ ...free, draining: true })).toHaveLength(1);
  });

  it('that never join the cluster end after a quarter of an hour, and keep no Task waiting', () => {
    const lost: GpuInstance = { ...free, id: 'i-lost', arn: null, freeGpus: 0 };
    const groups = [group({ waitingGpus: 1, desired: 1, launched: 1, instances: [lost] })];
    const early = planInstances({ nowMs: 899_999, groups, memory: idleFor('i-lost') });
    expect(early).toMatchObject({ resize: [], end: [] });
    const late = planInstances({ nowMs: 900_000, groups, memory: idleFor('i-lost') });
    expect(late).toMatchObject({ resize: [{ group: 'spot', desired: 2 }], end: [lost] });
  });
});

describe('an instance on which a GPU has failed', () => {
  const failed: GpuInstance = { ...free, failed: true };
  const planFor = (instance: GpuInstance, waitingGpus = 0) => {
    const groups = [group({ waitingGpus, desired: 1, launched: 1, instances: [instance] })];
    return planInstances({ nowMs: 1000, groups, memory: NO_MEMORY });
  };

  it('ends at once, and another is asked for where a Task waits', () => {
    expect(planFor(failed)).toMatchObject({ resize: [], drain: [], end: [failed] });
    const another = [{ group: 'spot', desired: 2 }];
    expect(planFor(failed, 1)).toMatchObject({ resize: another, drain: [], end: [failed] });
  });

  it('takes no other Task while some run on its other GPUs, and then ends', () => {
    const used = { ...failed, busy: true };
    expect(planFor(used)).toMatchObject({ drain: [used], end: [] });
    expect(planFor({ ...used, draining: true })).toMatchObject({ drain: [], end: [] });
    const left = { ...failed, draining: true };
    expect(planFor(left)).toMatchObject({ drain: [], end: [left] });
  });

  it('leaves others as they are', () => {
    expect(planFor(free)).toMatchObject({ drain: [], end: [] });
    expect(planFor(busy)).toMatchObject({ drain: [], end: [] });
  });
});
