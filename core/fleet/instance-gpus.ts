/** The GPUs of an instance, all alike. */
export interface InstanceGpus {
  readonly count: number;
  /** Of each, as its maker counts; what a program may use is up to a tenth less. */
  readonly vramGiB: number;
}

interface Family {
  readonly vramGiB: number;
  /** GPUs by the sizes that have so many. */
  readonly sizes: Readonly<Record<number, readonly string[]>>;
}

const WITH_ONE = ['xlarge', '2xlarge', '4xlarge', '8xlarge', '16xlarge'] as const;
const G_SIZES = { 1: WITH_ONE, 4: ['12xlarge', '24xlarge'], 8: ['48xlarge'] } as const;

/** Of the families that vLLM runs on (AWS Batch User Guide, "Run GPU jobs"; EC2, "Accelerated computing instances"). */
const FAMILIES: Readonly<Record<string, Family>> = {
  g4dn: { vramGiB: 16, sizes: { 1: WITH_ONE, 4: ['12xlarge'], 8: ['metal'] } },
  g5: { vramGiB: 24, sizes: G_SIZES },
  g6: { vramGiB: 24, sizes: G_SIZES },
  gr6: { vramGiB: 24, sizes: { 1: ['4xlarge', '8xlarge'] } },
  g6e: { vramGiB: 48, sizes: G_SIZES },
  p4d: { vramGiB: 40, sizes: { 8: ['24xlarge'] } },
  p4de: { vramGiB: 80, sizes: { 8: ['24xlarge'] } },
  p5: { vramGiB: 80, sizes: { 1: ['4xlarge'], 8: ['48xlarge'] } },
  p5e: { vramGiB: 141, sizes: { 8: ['48xlarge'] } },
  p5en: { vramGiB: 141, sizes: { 8: ['48xlarge'] } },
};

/** The GPUs of an instance type; null where this list does not have it. */
export function gpusOfInstance(type: string): InstanceGpus | null {
  const [name = '', size = ''] = type.split('.');
  const family = FAMILIES[name];
  const [count] = Object.entries(family?.sizes ?? {}).find(([, sizes]) => sizes.includes(size)) ?? [];
  return family === undefined || count === undefined
    ? null
    : { count: Number(count), vramGiB: family.vramGiB };
}
