import type { Adapter } from './adapter.ts';

/** Ranks that vLLM knows for `--max-lora-rank`. */
const RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512];
/** Each place takes GPU memory whether it is used or not; an engine rarely runs lines of more Batches at once. */
const MAX_AT_ONCE = 4;

/**
 * Flags of `vllm serve` for these adapters; none without any. All of them stay in memory once they are loaded: vLLM
 * would read one that it had to drop again in the middle of a step, and would end where that fails.
 */
export function adapterFlags(adapters: readonly Adapter[]): readonly string[] {
  if (adapters.length === 0) return [];
  const highest = Math.max(...adapters.map(({ rank }) => rank));
  const flags = {
    '--max-loras': Math.min(MAX_AT_ONCE, adapters.length),
    '--max-cpu-loras': adapters.length,
    '--max-lora-rank': RANKS.find((rank) => rank >= highest) ?? highest,
  };
  return ['--enable-lora', ...Object.entries(flags).flatMap(([name, value]) => [name, String(value)])];
}
