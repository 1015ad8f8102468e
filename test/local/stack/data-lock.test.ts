import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockDataDirectory } from '../../../local/stack/data-lock.ts';

const LOCK = join(import.meta.dirname, '../../../local/stack/data-lock.ts');
let dataDirectory: string;

beforeEach(() => {
  dataDirectory = join(mkdtempSync(join(tmpdir(), 'lock-')), 'data');
});
afterEach(() => rmSync(dataDirectory, { recursive: true }));

async function holder() {
  const program = `const { lockDataDirectory } = await import(${JSON.stringify(LOCK)});
    lockDataDirectory(${JSON.stringify(dataDirectory)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
  await once(child.stdout, 'data');
  return child;
}

it('holds a directory for one at a time, and lets it go', () => {
  const unlock = lockDataDirectory(dataDirectory);
  expect(() => lockDataDirectory(dataDirectory)).toThrow(/is in use by another local stack/);
  unlock();
  lockDataDirectory(dataDirectory)();
});

it('names the process that holds it, and takes over from one that was killed', async () => {
  const child = await holder();
  expect(() => lockDataDirectory(dataDirectory)).toThrow(`process ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  lockDataDirectory(dataDirectory)();
});
