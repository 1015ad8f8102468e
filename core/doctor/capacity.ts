import type { GpuClass } from '../fleet/catalogue.ts';
import { type Finding, failed, passed } from './finding.ts';

export type PurchaseOption = 'spot' | 'onDemand';

/** An instance type as a region has it. */
export interface OfferedType {
  readonly type: string;
  readonly vcpus: number;
  readonly zones: readonly string[];
}

/** A quota in vCPUs that instances of some families share. */
export interface Quota {
  readonly code: string;
  readonly name: string;
}

/**
 * The quota that an instance type counts against; null for a family without GPUs. The codes are the same in every
 * account and region (Amazon EC2 User Guide, "On-Demand Instance quotas" and "Spot Instance quotas").
 */
export function quotaOf(type: string, option: PurchaseOption): Quota | null {
  const family = /^[a-z]+/.exec(type)?.[0] ?? '';
  if (['g', 'gr', 'vt'].includes(family)) {
    return option === 'spot'
      ? { code: 'L-3819A6DF', name: 'spot G and VT' }
      : { code: 'L-DB2E81BA', name: 'on-demand G and VT' };
  }
  if (family !== 'p') return null;
  if (option === 'onDemand') return { code: 'L-417A185B', name: 'on-demand P' };
  return type.startsWith('p5')
    ? { code: 'L-C4BD4855', name: 'spot P5' }
    : { code: 'L-7212CCBC', name: 'spot P4, P3 and P2' };
}

export interface QuotaNeed extends Quota {
  readonly vcpus: number;
  /** Of the classes that need it. */
  readonly instances: string;
}

/**
 * The vCPUs that GPU classes take at their caps, by quota. A class may run all its instances as the largest of its
 * types, since EC2 chooses among them; types that the region does not have need nothing.
 */
export function quotaNeeds(
  gpuClasses: readonly GpuClass[],
  offered: readonly OfferedType[],
): readonly QuotaNeed[] {
  const needs = new Map<string, QuotaNeed>();
  for (const gpuClass of gpuClasses) {
    for (const option of ['spot', 'onDemand'] as const) {
      for (const { quota, vcpus } of largestByQuota(gpuClass, option, offered)) {
        const count = gpuClass.maxInstances[option];
        if (count === 0) continue;
        const before = needs.get(quota.code);
        needs.set(quota.code, {
          ...quota,
          vcpus: (before?.vcpus ?? 0) + count * vcpus,
          instances: [before?.instances, `${count} of ${gpuClass.id}`].filter(Boolean).join(', '),
        });
      }
    }
  }
  return [...needs.values()];
}

function largestByQuota(
  { instanceTypes }: GpuClass,
  option: PurchaseOption,
  offered: readonly OfferedType[],
): readonly { readonly quota: Quota; readonly vcpus: number }[] {
  const largest = new Map<string, { readonly quota: Quota; readonly vcpus: number }>();
  for (const { type, vcpus } of offered.filter((each) => instanceTypes.includes(each.type))) {
    const quota = quotaOf(type, option);
    if (quota === null || vcpus <= (largest.get(quota.code)?.vcpus ?? 0)) continue;
    largest.set(quota.code, { quota, vcpus });
  }
  return [...largest.values()];
}

/** Whether a quota is as large as the profile's caps. `limit` is in vCPUs. */
export function checkQuota(need: QuotaNeed, limit: number, region: string): Finding {
  const check = `quota ${need.name}`;
  if (limit >= need.vcpus) return passed(check, `${limit} vCPUs; ${need.instances} take ${need.vcpus}`);
  return failed(
    check,
    `${limit} vCPUs, but ${need.instances} may take ${need.vcpus}`,
    `aws service-quotas request-service-quota-increase --service-code ec2 --quota-code ${need.code} --desired-value ${need.vcpus} --region ${region} (or lower maxInstances in config/gpu-classes.json)`,
  );
}

/** Whether a region has any of a class's instance types, in which zones, and whether the stack leaves some of them out. */
export function checkOffered(
  gpuClass: GpuClass,
  offered: readonly OfferedType[],
  { region, zones: taken }: { readonly region: string; readonly zones: number },
): Finding {
  const check = `instances of ${gpuClass.id}`;
  const here = offered.filter(({ type }) => gpuClass.instanceTypes.includes(type));
  const absent = gpuClass.instanceTypes.filter((type) => !here.some((each) => each.type === type));
  if (here.length === 0) {
    return failed(
      check,
      `${region} has none of ${absent.join(', ')}`,
      'export AWS_REGION=<a region that has them>, or name other instanceTypes in config/gpu-classes.json',
    );
  }
  const zones = [...new Set(here.flatMap((each) => each.zones))].sort();
  const without = absent.length === 0 ? '' : `; ${absent.join(', ')} not offered`;
  const left = zones.length <= taken ? '' : `; the stack takes ${taken} zones: raise zones in the profile`;
  return passed(check, `${here.map(({ type }) => type).join(', ')} in ${zones.join(', ')}${without}${left}`);
}
