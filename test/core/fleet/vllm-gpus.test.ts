import { expect, it } from 'vitest';
import { vllmGpus } from '../../../core/fleet/vllm-gpus.ts';

it.each([
  [[], 1],
  [['--max-num-seqs', '256'], 1],
  [['--tensor-parallel-size', '8'], 8],
  [['--tensor-parallel-size=4', '-pp', '2'], 8],
  [['--tensor_parallel_size', '2', '-pcp', '2'], 4],
  [['-tp', '2', '--data-parallel-size', '4', '--decode-context-parallel-size', '2'], 8],
] as const)('counts the GPUs of %j', (args, gpus) => {
  expect(vllmGpus(args)).toBe(gpus);
});
