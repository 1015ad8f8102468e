import { expect, it } from 'vitest';
import { gpuClassSchema } from '../../core/fleet/catalogue.ts';
import { checkGpuClass } from '../../lib/check-gpu-class.ts';

const check =
  (gpusPerInstance: number, ...instanceTypes: readonly string[]) =>
  () =>
    checkGpuClass(
      gpuClassSchema.parse({
        ...{ id: 'mine', instanceTypes, gpusPerInstance },
        ...{ maxInstances: { spot: 1, onDemand: 1 }, usdPerHour: { spot: 1, onDemand: 1 } },
      }),
    );

it('takes types of equal VRAM and GPU count, whatever their family and size', () => {
  expect(check(1, 'g6.xlarge', 'g5.16xlarge', 'gr6.4xlarge')).not.toThrow();
  expect(check(8, 'p5e.48xlarge', 'p5en.48xlarge')).not.toThrow();
});

it('refuses types of which one has more VRAM, or more GPUs', () => {
  expect(check(1, 'g6.xlarge', 'g6e.xlarge')).toThrow(
    /^GPU class mine: g6.xlarge has 1 × 24 GiB, but g6e.xlarge has 1 × 48 GiB\..*make two classes/,
  );
  expect(check(4, 'g6.12xlarge', 'g5.12xlarge', 'g6.48xlarge')).toThrow('g6.48xlarge has 8 × 24 GiB');
});

it('refuses a count of GPUs that is not that of the instances', () => {
  expect(check(1, 'p4d.24xlarge')).toThrow(
    'gpusPerInstance is 1, but p4d.24xlarge has 8 × 40 GiB. Set it to 8.',
  );
});

it('refuses a type that it does not know, and says where to add it', () => {
  expect(check(1, 'g6.xlarge', 'g6.3xlarge')).toThrow(
    /the instance type g6\.3xlarge.*core\/fleet\/instance-gpus\.ts/,
  );
  expect(check(1, 'm7i.large')).toThrow('m7i.large');
});
