import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourceVersion } from '../../lib/source-version.ts';

let root: string;
const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slackline-version-'));
  writeFileSync(join(root, 'package.json'), '{"version":"1.2.3"}');
});
afterEach(() => rmSync(root, { recursive: true }));

function commitAll(): string {
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'a');
  return git('rev-parse', 'HEAD');
}

describe('the version of the sources', () => {
  it('names the commit behind a plus', () => {
    const commit = commitAll();
    expect(sourceVersion(root)).toBe(`1.2.3+${commit}`);
  });

  it('names no commit where the tree has changes', () => {
    commitAll();
    writeFileSync(join(root, 'new.ts'), '');
    expect(sourceVersion(root)).toBe('1.2.3');
  });

  it('names no commit where there is no repository', () => {
    expect(sourceVersion(root)).toBe('1.2.3');
  });

  it('takes the commit that it is told, or none', () => {
    commitAll();
    expect(sourceVersion(root, 'abc')).toBe('1.2.3+abc');
    expect(sourceVersion(root, '')).toBe('1.2.3');
  });
});
