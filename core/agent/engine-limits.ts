import type { EngineConfig } from '../fleet/catalogue.ts';
import { flagValue } from '../fleet/vllm-flags.ts';

const FLAG = '--max-num-seqs';

/** Requests that an engine runs at once by its configuration; null where the configuration does not say. */
export function maxRunningOf(engine: EngineConfig): number | null {
  switch (engine.kind) {
    case 'simulated':
      return engine.maxRunning;
    case 'vllm':
      return flagNumber(engine.args, FLAG);
    case 'openai-compatible':
      return null;
    default:
      return engine satisfies never;
  }
}

/** Whether the agent starts the engine itself, and so may kill it. */
export const isOurs = (engine: EngineConfig): boolean => engine.kind !== 'openai-compatible';

function flagNumber(args: readonly string[], flag: string): number | null {
  const value = Number(flagValue(args, [flag]));
  return Number.isInteger(value) && value > 0 ? value : null;
}
