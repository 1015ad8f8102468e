import { fileURLToPath } from 'node:url';
import type { VllmEngineConfig } from '../../core/fleet/catalogue.ts';
import { cpuEngine as onCpu } from '../../scripts/vllm-cpu/cpu-engine.ts';
import { vllmHome } from '../../scripts/vllm-cpu/home.ts';

export { CONTEXT_TOKENS } from '../../scripts/vllm-cpu/cpu-engine.ts';

export interface CpuEngineOptions {
  readonly args?: readonly string[];
  /** Gets the name of each Request that vLLM is sent, one a line. */
  readonly sentFile?: string;
}

/** vLLM with the tiny model on the CPU; it notes what it is sent, where a file is named. */
export function cpuEngine({ args = [], sentFile }: CpuEngineOptions = {}): VllmEngineConfig {
  const home = vllmHome(process.env);
  if (sentFile === undefined) return onCpu(home, { args });
  return onCpu(home, {
    args: [...args, '--middleware', 'record_requests.RecordRequests'],
    env: { PYTHONPATH: fileURLToPath(new URL('.', import.meta.url)), SENT_FILE: sentFile },
  });
}
