import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { NotInstallable } from './not-installable.ts';

export interface PypiTool {
  /** Of its folder in the user's cache. */
  readonly name: string;
  /** Everything that it is made of, each at its version: nothing else is fetched. */
  readonly packages: readonly string[];
}

/** Gives the folder of a tool; gets it from PyPI, as built packages alone, where it is absent. */
export function installTool(
  { name, packages }: PypiTool,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const directory = cacheFolder(env, name);
  if (!existsSync(directory)) download(directory, packages);
  return directory;
}

/** Beside it first, so that a folder of that name is whole. */
function download(directory: string, packages: readonly string[]): void {
  mkdirSync(dirname(directory), { recursive: true });
  const unfinished = mkdtempSync(`${directory}-`);
  try {
    const into = ['--no-deps', '--only-binary', ':all:', '--target', unfinished];
    const pip = spawnSync('python3', ['-m', 'pip', 'install', '--quiet', ...into, ...packages], {
      encoding: 'utf8',
    });
    if (pip.status !== 0) {
      throw new NotInstallable(
        `python3 -m pip could not get ${packages.join(' ')}. Look at the network and pip’s settings.\n${pip.error?.message ?? pip.stderr}`,
      );
    }
    renameSync(unfinished, directory);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
