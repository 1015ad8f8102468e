import { homedir } from 'node:os';
import { join } from 'node:path';

export const MINISTACK_VERSION = '1.5.33';

/** Where ministack is kept: outside of the tree, so that it outlives a checkout. */
export interface MinistackHome {
  readonly directory: string;
  readonly python: string;
  /** Written last: without it the folder is a half-done install. */
  readonly marker: string;
}

/** The folder that SLACKLINE_MINISTACK_HOME names, or one in the user's cache. */
export function ministackHome(env: Readonly<Record<string, string | undefined>>): MinistackHome {
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const ofVersion = join(cache, 'slackline', `ministack-${MINISTACK_VERSION}`);
  const directory = env['SLACKLINE_MINISTACK_HOME'] || ofVersion;
  return {
    directory,
    python: join(directory, 'venv', 'bin', 'python'),
    marker: join(directory, 'installed'),
  };
}
