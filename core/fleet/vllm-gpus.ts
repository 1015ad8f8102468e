import { flagValue } from './vllm-flags.ts';

/** Flags of `vllm serve` that multiply the GPUs of one engine, with their short forms. */
const PARALLEL = [
  ['--tensor-parallel-size', '-tp'],
  ['--pipeline-parallel-size', '-pp'],
  ['--prefill-context-parallel-size', '-pcp'],
  ['--data-parallel-size', '-dp'],
] as const;

/**
 * GPUs that vLLM takes with these flags: tensor × pipeline × prefill context × data parallel. Decode context parallelism
 * shares the tensor parallel GPUs and adds none.
 */
export const vllmGpus = (args: readonly string[]): number =>
  PARALLEL.reduce((gpus, names) => gpus * Number(flagValue(args, names) ?? 1), 1);
