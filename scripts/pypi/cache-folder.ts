import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where a tool is kept: outside of the tree, so that it outlives a checkout. */
export const cacheFolder = (env: Readonly<Record<string, string | undefined>>, name: string): string =>
  join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'slackline', name);
