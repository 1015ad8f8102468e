import type { Fleet, GpuClass } from './catalogue.ts';

/** What one Task costs an hour at the catalogue's prices: the GPUs of a Task over those of an instance. */
export function taskUsdPerHour(
  { gpusPerTask }: Pick<Fleet, 'gpusPerTask'>,
  { gpusPerInstance, usdPerHour }: Pick<GpuClass, 'gpusPerInstance' | 'usdPerHour'>,
): GpuClass['usdPerHour'] {
  const instances = gpusPerTask / gpusPerInstance;
  return { spot: usdPerHour.spot * instances, onDemand: usdPerHour.onDemand * instances };
}
