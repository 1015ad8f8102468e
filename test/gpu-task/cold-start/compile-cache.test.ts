import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '../../../gpu-task/agent/log.ts';
import { type CompileCacheOptions, compileCache } from '../../../gpu-task/cold-start/compile-cache.ts';
import { memoryFiles, untilAborted } from './memory-files.ts';

/** A machine that does other things besides takes seconds. */
const PATIENT = { timeout: 20_000 };

const KEY = 'compile-cache/tiny/key.tar.gz';
const KERNEL = 'torch_compile_cache/0a1b/rank_0_0/kernel.so';

let folder: string;
let said: string[];
let bucket: ReturnType<typeof memoryFiles>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slackline-cache-'));
  said = [];
  bucket = memoryFiles();
});
afterEach(() => rmSync(folder, { recursive: true }));

const note = (message: string) => void said.push(message);
const log: Log = { info: note, warn: note, with: () => log };

/** The cache of one Task, in a folder of its own. */
function cacheOf(task: string, options: Partial<CompileCacheOptions> = {}) {
  const root = join(folder, task, 'vllm');
  const { modelFiles } = bucket;
  const cache = compileCache({ modelFiles, key: KEY, root, log, ...options });
  return {
    ...cache,
    root,
    write(path: string, text: string): void {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    read: (path: string): string => readFileSync(join(root, path), 'utf8'),
  };
}

const untilSaid = (text: string) =>
  vi.waitUntil(() => said.some((message) => message.includes(text)), PATIENT);

/** What a Task that compiled leaves in the model bucket. */
async function storeOne(path = KERNEL): Promise<void> {
  const cache = cacheOf('one');
  await cache.restore();
  cache.write(path, 'compiled');
  await cache.store();
  await untilSaid('Stored');
}

describe('compiled kernels', () => {
  it('are there for the next Task, for the engine’s group too', async () => {
    await storeOne();
    const next = cacheOf('next');
    await next.restore();
    expect(next.read(KERNEL)).toBe('compiled');
    expect(statSync(join(next.root, KERNEL)).mode & 0o777).toBe(0o660);
    expect(statSync(join(next.root, 'torch_compile_cache/0a1b')).mode & 0o7777).toBe(0o2770);
    expect(statSync(next.root).mode & 0o7777).toBe(0o2770);
    expect(readdirSync(next.root)).toEqual(['torch_compile_cache']);
  });

  it('are stored again only where a start changed them', async () => {
    await storeOne();
    said = [];
    const same = cacheOf('same');
    await same.restore();
    await same.store();
    same.write(`${KERNEL}.2`, 'more');
    await same.store();
    await untilSaid('Stored');
    expect(said).toEqual(['Restored compiled kernels.', 'Stored compiled kernels.']);
    const names = execFileSync('tar', ['-tz'], { input: bucket.objects.get(KEY), encoding: 'utf8' });
    expect(names.split('\n').toSorted()).toEqual(['', KERNEL, `${KERNEL}.2`]);
  });

  it('are what was there when they were taken, whatever comes while they are stored', async () => {
    const cache = cacheOf('one');
    await cache.restore();
    cache.write(KERNEL, 'compiled');
    await cache.store();
    cache.write('torch_compile_cache/of-a-user', 'a prompt');
    await untilSaid('Stored');
    const next = cacheOf('next');
    await next.restore();
    expect(existsSync(join(next.root, 'torch_compile_cache/of-a-user'))).toBe(false);
  });

  it('are not stored where nothing was compiled, nor is what else lies beside them', async () => {
    const cache = cacheOf('one');
    await cache.restore();
    cache.write('assets/model_streamer/config.json', '{}');
    await cache.store();
    expect(bucket.objects.size).toBe(0);
  });

  it('are no links, which could lead to what the engine may not read', async () => {
    const cache = cacheOf('one');
    await cache.restore();
    cache.write(KERNEL, 'compiled');
    writeFileSync(join(folder, 'secret'), 'secret');
    symlinkSync(join(folder, 'secret'), join(cache.root, 'torch_compile_cache/link'));
    mkdirSync(join(folder, 'secrets'));
    writeFileSync(join(folder, 'secrets/secret'), 'secret');
    symlinkSync(join(folder, 'secrets'), join(cache.root, 'deep_gemm'));
    await cache.store();
    await untilSaid('Stored');
    const names = execFileSync('tar', ['-tz'], { input: bucket.objects.get(KEY), encoding: 'utf8' });
    expect(names).toBe(`${KERNEL}\n`);
  });

  it('keep their names, whatever is in these', async () => {
    const name = 'deep_gemm/two lines\n12 and more';
    await storeOne(name);
    const next = cacheOf('next');
    await next.restore();
    expect(next.read(name)).toBe('compiled');
  });

  it('are those that the engine’s user sees, where we may not look', async () => {
    const theirs = 'deep_gemm/theirs';
    // What the launcher starts finds a file that was not there before.
    const reveal = ['sh', '-c', 'printf compiled > "$0"; exec "$@"', join(folder, 'one/vllm', theirs)];
    const cache = cacheOf('one', { launcher: reveal });
    await cache.restore();
    cache.write('deep_gemm/ours', 'compiled');
    await cache.store();
    await untilSaid('Stored');
    const next = cacheOf('next');
    await next.restore();
    expect(next.read(theirs)).toBe('compiled');
  });

  it('are left where they are when the folder has some already', async () => {
    await storeOne();
    const other = cacheOf('other');
    other.write(KERNEL, 'compiled here');
    await other.restore();
    expect(other.read(KERNEL)).toBe('compiled here');
  });
});

/** An archive of what the shell makes in an empty folder. */
function archiveOf(script: string, tarArgs: readonly string[]): Buffer {
  const work = mkdtempSync(join(folder, 'work-'));
  execFileSync('sh', ['-c', script], { cwd: work });
  return execFileSync('tar', ['-cz', '-C', work, ...tarArgs], { stdio: ['ignore', 'pipe', 'ignore'] });
}

it('takes an archive that goes on after its end, which tar does not wait for', async () => {
  const padded = Buffer.concat([
    execFileSync('tar', ['-c', '-C', folder, '--transform=s,^,deep_gemm/,', 'a'], { cwd: made('a') }),
    Buffer.alloc(20_000_000),
  ]);
  bucket.objects.set(KEY, gzipSync(padded));
  const next = cacheOf('next');
  await next.restore();
  expect(said).toEqual(['Restored compiled kernels.']);
  expect(next.read('deep_gemm/a')).toBe('a');
});

/** The folder, with a file in it that holds its own name. */
function made(name: string): string {
  writeFileSync(join(folder, name), name);
  return folder;
}

describe('an archive that is not ours', () => {
  const outside = () => join(folder, 'next', 'outside');

  async function expectNothing(archive: Buffer, maxBytes?: number): Promise<void> {
    bucket.objects.set(KEY, archive);
    const next = cacheOf('next', maxBytes === undefined ? {} : { maxBytes });
    await next.restore();
    expect(said).toEqual(['Could not restore compiled kernels.']);
    expect(readdirSync(next.root)).toEqual([]);
    expect(existsSync(outside())).toBe(false);
  }

  it('changes nothing where it is no archive', () => expectNothing(Buffer.from('no archive')));

  it('changes nothing where it is cut', async () => {
    const whole = archiveOf(
      `mkdir -p torch_compile_cache; head -c 300000 /dev/urandom > torch_compile_cache/a`,
      ['.'],
    );
    await expectNothing(whole.subarray(0, 200_000));
  });

  it('writes nothing outside of its folder', () =>
    expectNothing(archiveOf('mkdir a; echo x > outside', ['-P', '--transform=s,^,../../,', 'outside'])));

  it('brings no links', () =>
    expectNothing(archiveOf(`mkdir torch_compile_cache; ln -s ${outside()} torch_compile_cache/l`, ['.'])));

  it('writes nothing through a link that it brings', () => {
    mkdirSync(join(folder, 'next'));
    const script = `ln -s ${join(folder, 'next')} torch_compile_cache; mkdir d; echo x > d/outside`;
    const rename = '--transform=flags=r;s,^d/,torch_compile_cache/,';
    return expectNothing(archiveOf(script, [rename, 'torch_compile_cache', 'd/outside']));
  });

  it('changes nothing where it unpacks to more than is allowed', () =>
    expectNothing(archiveOf('mkdir deep_gemm; head -c 5000000 /dev/zero > deep_gemm/a', ['.']), 1_000_000));

  it('brings nothing but what vLLM compiles', async () => {
    bucket.objects.set(
      KEY,
      archiveOf('mkdir assets deep_gemm; echo x > assets/a; echo x > deep_gemm/a', ['.']),
    );
    const next = cacheOf('next');
    await next.restore();
    expect(readdirSync(next.root)).toEqual(['deep_gemm']);
  });
});

describe('a start that is given up', () => {
  it('does not wait for an archive that does not come', async () => {
    const halt = new AbortController();
    bucket.modelFiles.get = (_key, signal) => {
      setImmediate(() => halt.abort());
      return untilAborted(signal);
    };
    await cacheOf('one').restore(halt.signal);
    expect(said).toEqual([]);
  });

  it('does not wait for an archive that stands still, and restores nothing of it', async () => {
    const halt = new AbortController();
    bucket.modelFiles.get = async () => {
      setImmediate(() => halt.abort());
      return new Readable({ read: () => undefined });
    };
    const cache = cacheOf('one');
    await cache.restore(halt.signal);
    expect(said).toEqual([]);
    expect(readdirSync(cache.root)).toEqual([]);
  });

  it('stores nothing', async () => {
    const halt = new AbortController();
    const cache = cacheOf('one');
    await cache.restore(halt.signal);
    cache.write(KERNEL, 'compiled');
    said = [];
    halt.abort();
    await cache.store(halt.signal);
    expect(said).toEqual([]);
    expect(bucket.objects.size).toBe(0);
  });
});

describe('a model bucket that fails', () => {
  it('costs a warning alone', async () => {
    bucket.modelFiles.get = () => Promise.reject(new Error('S3 is away.'));
    bucket.modelFiles.put = () => Promise.reject(new Error('S3 is away.'));
    const cache = cacheOf('one');
    await cache.restore();
    cache.write(KERNEL, 'compiled');
    await cache.store();
    await untilSaid('Could not store');
    expect(said).toEqual(['Could not restore compiled kernels.', 'Could not store compiled kernels.']);
  });

  it('is not asked to hold more than is allowed', async () => {
    const cache = cacheOf('one', { maxBytes: 4 });
    await cache.restore();
    cache.write(KERNEL, 'compiled');
    await cache.store();
    expect(said.at(-1)).toContain('too large');
    expect(bucket.objects.size).toBe(0);
  });
});
