import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { NotInstallable } from '../scripts/pypi/not-installable.ts';

const ROOT = join(import.meta.dirname, '..');
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

export interface Suite {
  readonly tool: string;
  /** Does nothing where the tool is there. */
  readonly install: (say: (text: string) => void) => Promise<void>;
  /** Set to 1 by whoever wants no failure where the tool cannot be installed. */
  readonly skipVariable: string;
  /** Of vitest. */
  readonly config: string;
}

/** Gets a tool that tests need, runs them, and ends this process with their exit code. */
export async function runWhereInstalled(suite: Suite): Promise<never> {
  try {
    await suite.install(say);
  } catch (error) {
    if (!(error instanceof NotInstallable)) throw error;
    say(error.message);
    return endWithout(suite);
  }
  const args = [VITEST, 'run', '--config', suite.config, ...process.argv.slice(2)];
  process.exit(spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1);
}

function endWithout({ tool, skipVariable }: Suite): never {
  if (process.env[skipVariable] === '1') {
    say(`SKIPPED: its tests did not run, as ${skipVariable}=1 allows where ${tool} cannot be installed.`);
    process.exit(0);
  }
  say(`${tool} could not be installed. ${skipVariable}=1 lets this pass without its tests.`);
  process.exit(1);
}
