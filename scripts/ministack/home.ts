import { join } from 'node:path';
import { cacheFolder } from '../pypi/cache-folder.ts';

export const MINISTACK_VERSION = '1.5.33';

/** Where ministack is kept. */
export interface MinistackHome {
  readonly directory: string;
  readonly python: string;
  /** Written last: without it the folder is a half-done install. */
  readonly marker: string;
}

/** The folder that SLACKLINE_MINISTACK_HOME names, or one in the user's cache. */
export function ministackHome(env: Readonly<Record<string, string | undefined>>): MinistackHome {
  const directory = env['SLACKLINE_MINISTACK_HOME'] || cacheFolder(env, `ministack-${MINISTACK_VERSION}`);
  return {
    directory,
    python: join(directory, 'venv', 'bin', 'python'),
    marker: join(directory, 'installed'),
  };
}
