import type { SpawnSyncReturns } from 'node:child_process';
import { NotInstallable } from './not-installable.ts';

/** Makes the exit code of a linter this process's own; 1, with the reason, where it cannot be installed. */
export function runLinter(run: () => Pick<SpawnSyncReturns<unknown>, 'status' | 'error'>): void {
  try {
    const { status, error } = run();
    if (error !== undefined) throw error;
    process.exitCode = status ?? 1;
  } catch (error) {
    if (!(error instanceof NotInstallable)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
