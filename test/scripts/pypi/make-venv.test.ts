import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { makeVenv } from '../../../scripts/pypi/make-venv.ts';
import { NotInstallable } from '../../../scripts/pypi/not-installable.ts';

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'slackline-venv-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

it('takes nothing away from a folder that it did not make', async () => {
  const directory = folder();
  writeFileSync(join(directory, 'thesis.txt'), 'years of work');
  await expect(makeVenv(directory)).rejects.toThrow(/holds something, and it was not made here/);
  expect(readFileSync(join(directory, 'thesis.txt'), 'utf8')).toBe('years of work');
});

it('makes a folder anew that it has left half done', async () => {
  // No python3 there: it ends in the middle.
  vi.stubEnv('PATH', '/nonexistent');
  onTestFinished(() => void vi.unstubAllEnvs());
  const directory = folder();
  await expect(makeVenv(directory)).rejects.toThrow(NotInstallable);
  writeFileSync(join(directory, 'half'), '');
  await expect(makeVenv(directory)).rejects.toThrow(NotInstallable);
  expect(existsSync(join(directory, 'half'))).toBe(false);
});
