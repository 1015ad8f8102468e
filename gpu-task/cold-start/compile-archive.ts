import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';

/** What vLLM keeps below VLLM_CACHE_ROOT that a start can use again; the rest is files of models and of users. */
const KEPT = ['torch_compile_cache', 'flashinfer_autotune_cache', 'deep_gemm', 'modelinfos'] as const;

/** The agent and the engine may be two users of one group, which the folder hands down. */
const SHARED_FOLDER = 0o2770;
const SHARED_FILE = 0o660;

/** All of the environment that programs get: as the engine's user they would show the engine ours. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin' };

/** Of a listing: some 150,000 files. The engine could make any number, and all their names come into our memory. */
const MAX_LISTING_BYTES = 16 * 1024 ** 2;

/** The files of a cache with their sizes, by their paths below its root. */
export type Listing = ReadonlyMap<string, number>;

/** How a cache is read. */
export interface Reading {
  /** Becomes the command that follows it, as a user who may read all of the cache. @default - our own */
  readonly launcher?: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

const run = promisify(execFile);

/**
 * What is in the cache at `root`. Only regular files count: a link could lead anywhere. Fails where it is more than
 * fits into 16 MiB of paths.
 */
export async function listCache(root: string, { launcher = [], signal }: Reading): Promise<Listing> {
  const folders: string[] = [];
  for (const kept of KEPT) if (await isFolder(join(root, kept))) folders.push(join(root, kept));
  if (folders.length === 0) return new Map();
  // What vLLM still writes may go in the meantime. By default find follows no link.
  const found = ['-ignore_readdir_race', '-type', 'f', '-printf', '%s %p\\0'];
  const [program = '', ...args] = [...launcher, 'find', ...folders, ...found];
  const { stdout } = await run(program, args, { env: ENVIRONMENT, maxBuffer: MAX_LISTING_BYTES, signal });
  return new Map(stdout.split('\0').slice(0, -1).map(sizedPath(root)));
}

const sizedPath =
  (root: string) =>
  (entry: string): readonly [string, number] => {
    const space = entry.indexOf(' ');
    return [relative(root, entry.slice(space + 1)), Number(entry.slice(0, space))];
  };

const isFolder = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Makes the folder of the cache, for both users. */
export async function makeCacheFolder(root: string): Promise<void> {
  if ((await mkdir(root, { recursive: true })) !== undefined) await chmod(root, SHARED_FOLDER);
}

export interface Packing extends Reading {
  readonly listing: Listing;
  /** The .tar.gz that is written. */
  readonly archive: string;
}

/** Writes these files of the cache into an archive. */
export async function packCache(root: string, packing: Packing): Promise<void> {
  const { listing, archive, launcher = [], signal } = packing;
  const command = ['tar', '-c', '-f', '-', '-C', root, '--no-recursion', '--null', '-T', '-'];
  const [program = '', ...args] = [...launcher, ...command];
  const tar = spawn(program, args, { env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'ignore'] });
  tar.stdin.on('error', () => undefined);
  tar.stdin.end([...listing.keys()].map((path) => `${path}\0`).join(''));
  // Most of it is machine code: a higher level takes longer and gains little.
  const packed = pipeline(tar.stdout, createGzip({ level: 1 }), createWriteStream(archive), { signal });
  await allDone([packed, succeeded(tar)]);
}

/** Where an archive comes from, and what it may at most become. */
export interface ArchiveSource {
  readonly archive: Readable;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/**
 * Puts an archive's files into a cache that is empty. Fails, and leaves the cache empty, where the archive is not
 * whole, too large, or holds anything but files and folders; tar itself writes nothing outside of its folder.
 */
export async function unpackCache(root: string, source: ArchiveSource): Promise<void> {
  const folder = await mkdtemp(join(root, '.restore-'));
  try {
    const tar = spawn('tar', ['-x', '-f', '-', '-C', folder, '--no-same-owner'], {
      env: ENVIRONMENT,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const { archive, maxBytes, signal } = source;
    await allDone([
      pipeline(archive, createGunzip(), atMost(maxBytes), toProgram(tar.stdin), { signal }),
      succeeded(tar),
    ]);
    await share(folder);
    for (const kept of KEPT) await rename(join(folder, kept), join(root, kept)).catch(ignoreAbsent);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function share(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() && !entry.isDirectory()) throw new Error('The archive holds links or devices.');
    await chmod(join(entry.parentPath, entry.name), entry.isFile() ? SHARED_FILE : SHARED_FOLDER);
  }
}

/** A program may stop reading once it has all that it wants; what follows is still looked at for what is wrong. */
function toProgram(input: Writable): Writable {
  const over = once(input, 'close').catch(() => undefined);
  const written = (chunk: Buffer) => new Promise<void>((resolve) => input.write(chunk, () => resolve()));
  input.on('error', () => undefined);
  return new Writable({
    // Where the program has ended, Node does not always say what became of a write.
    write: (chunk: Buffer, _encoding, done) => void Promise.race([written(chunk), over]).then(() => done()),
    final(done) {
      input.end();
      done();
    },
    destroy(error, done) {
      input.destroy();
      done(error);
    },
  });
}

function atMost(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > maxBytes ? new Error(`The archive unpacks to more than ${maxBytes} bytes.`) : null, chunk);
    },
  });
}

function succeeded(tar: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.once('error', reject);
    tar.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`tar ended with ${code}.`))));
  });
}

/** Waits for all, failing or not: nothing may still write into a folder that is removed after a failure. */
async function allDone(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

const ignoreAbsent = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};
