import type { VllmEngineConfig } from '../../core/fleet/catalogue.ts';
import type { VllmHome } from './home.ts';

/** Longer than the context of the tiny model, so that something is too long for it. */
export const CONTEXT_TOKENS = 1024;

export interface CpuEngineOptions {
  /** Further flags of `vllm serve`. @default - none */
  readonly args?: readonly string[];
  /** @default - what keeps vLLM offline and small */
  readonly env?: Readonly<Record<string, string>>;
}

/** vLLM with the tiny model on the CPU, as the catalogue would name it. */
export function cpuEngine(home: VllmHome, { args = [], env = {} }: CpuEngineOptions = {}): VllmEngineConfig {
  const common = ['--dtype', 'bfloat16', '--enforce-eager', '--max-model-len', String(CONTEXT_TOKENS)];
  return {
    kind: 'vllm',
    command: [home.vllm],
    model: home.tinyModel,
    args: [...common, '--max-num-seqs', '64', ...args],
    env: {
      HF_HUB_OFFLINE: '1',
      TRANSFORMERS_OFFLINE: '1',
      VLLM_NO_USAGE_STATS: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      // In GiB; without it vLLM takes most of the memory.
      VLLM_CPU_KVCACHE_SPACE: '1',
      ...env,
    },
    startTimeoutMs: 240_000,
  };
}
