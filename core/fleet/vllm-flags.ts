/**
 * The value of a flag of `vllm serve`, under any of its names and spellings (`--a-flag 8`, `--a-flag=8`, `--a_flag 8`):
 * the last one, as vLLM takes it. Undefined where it is not given.
 */
export function flagValue(args: readonly string[], names: readonly string[]): string | undefined {
  for (let i = args.length - 1; i >= 0; i--) {
    const [name = '', value = args[i + 1]] = (args[i] ?? '').split('=', 2);
    if (names.includes(name.replaceAll('_', '-'))) return value;
  }
  return undefined;
}
