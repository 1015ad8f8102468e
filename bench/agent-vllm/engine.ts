import { existsSync } from 'node:fs';
import type { VllmEngineConfig } from '../../core/fleet/catalogue.ts';
import { cpuEngine } from '../../scripts/vllm-cpu/cpu-engine.ts';
import { vllmHome } from '../../scripts/vllm-cpu/home.ts';

/** The environment that the bench was started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const MODEL = 'bench-model';

/** Explicit, because `serve` and `run-batch` have defaults of their own for it. */
const BATCHED_TOKENS = '2048';

/** The tiny model on the CPU, with the same flags for all sides; fails where vLLM is not installed. */
export function benchEngine(
  env: Environment,
  { args = [] }: { readonly args?: readonly string[] } = {},
): VllmEngineConfig {
  const home = vllmHome(env);
  if (!existsSync(home.marker)) {
    throw new Error('vLLM for the CPU is not installed: run `npm run vllm:install` first.');
  }
  return cpuEngine(home, { args: ['--max-num-batched-tokens', BATCHED_TOKENS, ...args] });
}

/** What an engine decides by itself if it is not told. */
const TUNED = ['--max-num-seqs', '--max-num-batched-tokens'];

/** The same engine as vLLM starts it for whoever sets no flags of throughput. */
export function withDefaultFlags(config: VllmEngineConfig): VllmEngineConfig {
  const isTuned = (arg: string | undefined): boolean => arg !== undefined && TUNED.includes(arg);
  return { ...config, args: config.args.filter((arg, i) => !isTuned(arg) && !isTuned(config.args[i - 1])) };
}

/** What one side did between the start of its engine and its last result. */
export interface Effort {
  readonly tookMs: number;
  /** Of every Request, prompts and answers together. */
  readonly tokens: number;
}
