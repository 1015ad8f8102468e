import { describe, expect, it } from 'vitest';
import { checkOffered, checkQuota, quotaNeeds, quotaOf } from '../../../core/doctor/capacity.ts';
import type { GpuClass } from '../../../core/fleet/catalogue.ts';

const gpuClass = (id: string, types: [string, ...string[]], spot: number, onDemand: number): GpuClass => ({
  id,
  instanceTypes: types,
  gpusPerInstance: 1,
  maxInstances: { spot, onDemand },
  usdPerHour: { spot: 1, onDemand: 2 },
});
const offered = (type: string, vcpus: number, ...zones: string[]) => ({ type, vcpus, zones });
const LARGE = gpuClass('large', ['p5.48xlarge'], 1, 0);
const SMALL = gpuClass('small', ['g6.xlarge', 'g6.2xlarge'], 10, 2);
const OFFERED = [
  offered('g6.xlarge', 4, 'b', 'a'),
  offered('g6.2xlarge', 8, 'c'),
  offered('p5.48xlarge', 192, 'a'),
];

describe('the quota of an instance type', () => {
  it.each([
    ['g6.xlarge', 'spot', 'L-3819A6DF'],
    ['g6e.12xlarge', 'onDemand', 'L-DB2E81BA'],
    ['vt1.3xlarge', 'spot', 'L-3819A6DF'],
    ['gr6.4xlarge', 'spot', 'L-3819A6DF'],
    ['gr6f.4xlarge', 'onDemand', 'L-DB2E81BA'],
    ['p4d.24xlarge', 'spot', 'L-7212CCBC'],
    ['p5.48xlarge', 'spot', 'L-C4BD4855'],
    ['p5.48xlarge', 'onDemand', 'L-417A185B'],
    ['m7i.large', 'spot', undefined],
  ] as const)('of %s on %s is %s', (type, option, code) => {
    expect(quotaOf(type, option)?.code).toBe(code);
  });
});

describe('what GPU classes need of quotas', () => {
  it('is every instance at the cap as the largest of its types that is there', () => {
    const needs = quotaNeeds([SMALL], OFFERED).map(({ code, vcpus }) => [code, vcpus]);
    expect(needs).toEqual([
      ['L-3819A6DF', 80],
      ['L-DB2E81BA', 16],
    ]);
    expect(quotaNeeds([SMALL], OFFERED.slice(0, 1)).map(({ vcpus }) => vcpus)).toEqual([40, 8]);
  });

  it('is the sum of classes that share a quota, and nothing where a cap is 0', () => {
    const needs = quotaNeeds([SMALL, gpuClass('other', ['g6.xlarge'], 5, 0), LARGE], OFFERED);
    expect(needs.map(({ code, vcpus, instances }) => [code, vcpus, instances])).toEqual([
      ['L-3819A6DF', 100, '10 of small, 5 of other'],
      ['L-DB2E81BA', 16, '2 of small'],
      ['L-C4BD4855', 192, '1 of large'],
    ]);
  });
});

describe('the check of a quota', () => {
  const need = { code: 'L-1', name: 'spot G and VT', vcpus: 40, instances: '10 of small' };

  it('passes at what is needed, and fails below it', () => {
    expect(checkQuota(need, 40, 'r').kind).toBe('passed');
    expect(checkQuota(need, 39, 'r').kind).toBe('failed');
  });
});

describe('the check of instance types', () => {
  it('passes where one is there, with the zones of all', () => {
    expect(checkOffered(SMALL, OFFERED, { region: 'r', zones: 3 })).toMatchObject({
      kind: 'passed',
      says: 'g6.xlarge, g6.2xlarge in a, b, c',
    });
  });

  it('says where the stack leaves zones out that have some', () => {
    expect(checkOffered(SMALL, OFFERED, { region: 'r', zones: 2 })).toMatchObject({
      kind: 'passed',
      says: 'g6.xlarge, g6.2xlarge in a, b, c; the stack takes 2 zones: raise zones in the profile',
    });
  });

  it('fails where none is', () => {
    expect(checkOffered(SMALL, OFFERED.slice(2), { region: 'r', zones: 3 })).toMatchObject({
      kind: 'failed',
      says: 'r has none of g6.xlarge, g6.2xlarge',
    });
  });
});
