import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatVersion } from '../core/version.ts';

/**
 * The version of the sources in a folder, as text (core/version.ts). `commit` stands in for what git says; an empty
 * one is none. A tree with changes is no commit.
 */
export function sourceVersion(root: string, commit?: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return formatVersion({ version, commit: commit === undefined ? commitOf(root) : commit || null });
}

function commitOf(root: string): string | null {
  try {
    return git(root, 'status', '--porcelain') === '' ? git(root, 'rev-parse', 'HEAD') : null;
  } catch {
    return null;
  }
}

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
