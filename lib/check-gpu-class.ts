import type { GpuClass } from '../core/fleet/catalogue.ts';
import { gpusOfInstance, type InstanceGpus } from '../core/fleet/instance-gpus.ts';

/** Throws where the instance types of a class cannot stand in for each other, or have another number of GPUs than it says. */
export function checkGpuClass({ id, instanceTypes, gpusPerInstance }: GpuClass): void {
  const [first = '', ...others] = instanceTypes;
  const gpus = gpusOf(id, first);
  for (const type of others) {
    if (said(gpusOf(id, type)) === said(gpus)) continue;
    throw new Error(
      `GPU class ${id}: ${first} has ${said(gpus)}, but ${type} has ${said(gpusOf(id, type))}. Instances of a class stand in for each other: make two classes in config/gpu-classes.json.`,
    );
  }
  if (gpusPerInstance !== gpus.count) {
    throw new Error(
      `GPU class ${id}: gpusPerInstance is ${gpusPerInstance}, but ${first} has ${said(gpus)}. Set it to ${gpus.count}.`,
    );
  }
}

function gpusOf(id: string, type: string): InstanceGpus {
  const gpus = gpusOfInstance(type);
  if (gpus !== null) return gpus;
  throw new Error(
    `GPU class ${id}: the GPUs of the instance type ${type} are not known. Mend its name, or add it to core/fleet/instance-gpus.ts.`,
  );
}

const said = ({ count, vramGiB }: InstanceGpus): string => `${count} × ${vramGiB} GiB`;
