/** Flags of `vllm serve` that multiply the GPUs of one engine, with their short forms. */
const PARALLEL = [
  ['--tensor-parallel-size', '-tp'],
  ['--pipeline-parallel-size', '-pp'],
  ['--data-parallel-size', '-dp'],
] as const;

/**
 * GPUs that vLLM takes with these flags: tensor × pipeline × data parallel. Decode context parallelism shares the
 * tensor parallel GPUs and adds none.
 */
export const vllmGpus = (args: readonly string[]): number =>
  PARALLEL.reduce((gpus, names) => gpus * sizeOf(args, names), 1);

function sizeOf(args: readonly string[], names: readonly string[]): number {
  for (const [i, arg] of args.entries()) {
    const [name = '', value = args[i + 1]] = arg.split('=', 2);
    if (names.includes(name)) return Number(value);
  }
  return 1;
}
