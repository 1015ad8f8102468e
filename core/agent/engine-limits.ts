import type { EngineConfig } from '../fleet/catalogue.ts';

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

/** Both spellings: `--flag 8` and `--flag=8`. */
function flagNumber(args: readonly string[], flag: string): number | null {
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  const value = Number(args[at]?.split('=')[1] ?? args[at + 1]);
  return at !== -1 && Number.isInteger(value) && value > 0 ? value : null;
}
