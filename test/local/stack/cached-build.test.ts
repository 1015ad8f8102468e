import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contentHash } from '../../../adapters/content-hash.ts';
import { cachedBuild } from '../../../local/build/cached-build.ts';
import { runProgram } from '../../../local/build/run-program.ts';

let root: string;
let builds: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'build-'));
  builds = 0;
});
afterEach(() => rmSync(root, { recursive: true }));

const build = async (into: string) => {
  builds++;
  writeFileSync(join(into, 'result'), String(builds));
};

it('builds once for a hash', async () => {
  const first = await cachedBuild({ directory: root, name: 'app', hash: 'a', build });
  expect(await cachedBuild({ directory: root, name: 'app', hash: 'a', build })).toBe(first);
  expect(readFileSync(join(first, 'result'), 'utf8')).toBe('1');
  expect(await cachedBuild({ directory: root, name: 'app', hash: 'b', build })).not.toBe(first);
});

it('leaves nothing behind when a build fails', async () => {
  const fail = () => Promise.reject(new Error('no'));
  await expect(cachedBuild({ directory: root, name: 'app', hash: 'a', build: fail })).rejects.toThrow('no');
  expect(readdirSync(root)).toEqual([]);
});

it('keeps some older results of a name, and those of other names', async () => {
  await cachedBuild({ directory: root, name: 'other', hash: 'a', build });
  for (const hash of '123456789') await cachedBuild({ directory: root, name: 'app', hash, build });
  expect(existsSync(join(root, 'app-1'))).toBe(false);
  expect(existsSync(join(root, 'app-9'))).toBe(true);
  expect(existsSync(join(root, 'other-a'))).toBe(true);
});

it('hashes what files are called and hold, and nothing else', () => {
  mkdirSync(join(root, 'src', 'sub'), { recursive: true });
  const file = join(root, 'src', 'sub', 'a.ts');
  const hash = () => contentHash(root, ['src', 'absent'], ['text']);
  writeFileSync(file, 'one');
  const before = hash();
  writeFileSync(file, 'one');
  expect(hash()).toBe(before);
  writeFileSync(file, 'two');
  expect(hash()).not.toBe(before);
  writeFileSync(file, 'one');
  writeFileSync(join(root, 'src', 'b.ts'), '');
  expect(hash()).not.toBe(before);
  expect(contentHash(root, ['src'], ['text'])).not.toBe(contentHash(root, ['src'], ['te', 'xt']));
});

it('tells what a program that failed has printed', async () => {
  const program = { what: 'Synthesizing', cwd: root, env: {} };
  const failing = runProgram({
    ...program,
    arguments: ['-e', 'console.error("bad config"); process.exit(3)'],
  });
  await expect(failing).rejects.toThrow(/Synthesizing failed:\nbad config/);
  await runProgram({ ...program, arguments: ['-e', ''] });
});
