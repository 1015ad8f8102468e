import type { Gpu, GpuProbe, GpuReading } from '../../core/agent/gpu-reading.ts';
import { gpuA10G } from '../core/agent/gpu-output.ts';

/** One GPU that shows what it is told to. */
export function fakeGpus() {
  let shown: GpuReading = { kind: 'seen', gpus: [gpuA10G] };
  let looks = 0;
  const probe: GpuProbe = {
    async look() {
      looks++;
      return shown;
    },
  };
  return {
    probe,
    looks: () => looks,
    show: (reading: GpuReading) => {
      shown = reading;
    },
    showGpu: (changes: Partial<Gpu>) => {
      shown = { kind: 'seen', gpus: [{ ...gpuA10G, ...changes }] };
    },
  };
}
