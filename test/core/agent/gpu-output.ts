import type { Gpu, SmiAnswer } from '../../../core/agent/gpu-reading.ts';

/** What `nvidia-smi --query-gpu` prints for one GPU of each kind, and what stands there. */
export const A10G = '0, GPU-0a10, NVIDIA A10G, 20946, 23028, 61, 98, 243.51, 0, [N/A]';
export const L4 = '0, GPU-0004, NVIDIA L4, 19871, 23034, 72, 100, 71.93, 0, [N/A]';
export const T4 = '0, GPU-00t4, Tesla T4, 3, 15360, 29, 0, 10.24, 0, No';
export const A100_WITHOUT_ECC =
  '1, GPU-a100, NVIDIA A100-SXM4-40GB, 37218, 40960, 58, 100, [N/A], [N/A], [Not Supported]';

export const gpuA10G: Gpu = {
  ...{ index: 0, uuid: 'GPU-0a10', name: 'NVIDIA A10G' },
  ...{ memoryUsedMib: 20_946, memoryTotalMib: 23_028, temperatureC: 61 },
  ...{ utilizationPercent: 98, powerWatts: 243.51, uncorrectedErrors: 0, badMemory: [] },
};

export const ended = (output: string, exitCode = 0): SmiAnswer => ({ kind: 'ended', exitCode, output });
