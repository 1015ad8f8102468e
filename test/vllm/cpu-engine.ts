import { fileURLToPath } from 'node:url';
import type { VllmEngineConfig } from '../../core/fleet/catalogue.ts';
import { vllmHome } from '../../scripts/vllm-cpu/home.ts';

/** Longer than the context of the tiny model in these tests, so that something is too long for it. */
export const CONTEXT_TOKENS = 1024;

export interface CpuEngineOptions {
  readonly args?: readonly string[];
  /** Gets the name of each Request that vLLM is sent, one a line. */
  readonly sentFile?: string;
}

/** vLLM with the tiny model on the CPU, as the catalogue would name it. */
export function cpuEngine({ args = [], sentFile }: CpuEngineOptions = {}): VllmEngineConfig {
  const home = vllmHome(process.env);
  const recording = ['--middleware', 'record_requests.RecordRequests'];
  const common = ['--dtype', 'bfloat16', '--enforce-eager', '--max-model-len', String(CONTEXT_TOKENS)];
  return {
    kind: 'vllm',
    command: [home.vllm],
    model: home.tinyModel,
    args: [...common, '--max-num-seqs', '64', ...args, ...(sentFile === undefined ? [] : recording)],
    env: {
      HF_HUB_OFFLINE: '1',
      TRANSFORMERS_OFFLINE: '1',
      VLLM_NO_USAGE_STATS: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      // In GiB; without it vLLM takes most of the memory.
      VLLM_CPU_KVCACHE_SPACE: '1',
      ...(sentFile === undefined
        ? {}
        : { PYTHONPATH: fileURLToPath(new URL('.', import.meta.url)), SENT_FILE: sentFile }),
    },
    startTimeoutMs: 240_000,
  };
}
