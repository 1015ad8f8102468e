import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelFiles } from '../../adapters/aws/model-files.ts';
import type { Log } from '../agent/log.ts';
import { reasonOf } from '../agent/log.ts';
import { type Listing, listCache, makeCacheFolder, packCache, unpackCache } from './compile-archive.ts';

export interface CompileCacheOptions {
  readonly modelFiles: ModelFiles;
  /** In the model bucket. */
  readonly key: string;
  /** What vLLM has for VLLM_CACHE_ROOT. */
  readonly root: string;
  /** Becomes the command that follows it, as the user whom the engine's files belong to. @default - our own */
  readonly launcher?: readonly string[] | undefined;
  readonly log: Log;
  /** Unpacked. @default 2 GiB */
  readonly maxBytes?: number;
}

/**
 * Kernels that vLLM compiled at an earlier start. Nothing here fails: without them vLLM compiles anew. An abort ends
 * either wait at once, with nothing restored or stored.
 */
export interface CompileCache {
  /** To be done before the engine starts. */
  restore(signal?: AbortSignal): Promise<void>;
  /**
   * Takes what has changed since, and stores it in the background. To be done before the engine gets a first Request,
   * so that nothing that a user sent can be in it.
   */
  store(signal?: AbortSignal): Promise<void>;
}

const MAX_BYTES = 2 * 1024 ** 3;
/** A longer restore would save no time. */
const RESTORE_WITHIN_MS = 120_000;
const NEVER = new AbortController().signal;

export function compileCache(options: CompileCacheOptions): CompileCache {
  const { modelFiles, key, root, launcher, log, maxBytes = MAX_BYTES } = options;
  /** What the model bucket holds, as far as we know. */
  let stored: Listing = new Map();

  async function bring(halt: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([halt, AbortSignal.timeout(RESTORE_WITHIN_MS)]);
    await makeCacheFolder(root);
    stored = await listCache(root, { launcher, signal });
    if (stored.size > 0) return;
    const archive = await modelFiles.get(key, signal);
    if (archive === null) return log.info('There are no compiled kernels yet.', { key });
    await unpackCache(root, { archive, maxBytes, signal });
    stored = await listCache(root, { launcher, signal });
    log.info('Restored compiled kernels.', { key, files: stored.size, bytes: bytesOf(stored) });
  }

  async function take(signal: AbortSignal): Promise<void> {
    const found = await listCache(root, { launcher, signal });
    if (found.size === 0 || isSame(found, stored)) return;
    const bytes = bytesOf(found);
    if (bytes > maxBytes) {
      log.warn('The compiled kernels are too large to store.', { bytes, maxBytes });
      return;
    }
    const folder = await mkdtemp(join(tmpdir(), 'slk-kernels-'));
    const archive = join(folder, 'archive.tar.gz');
    const removed = () => rm(folder, { recursive: true, force: true });
    try {
      await packCache(root, { listing: found, archive, launcher, signal });
    } catch (error) {
      await removed();
      throw error;
    }
    void send(archive, found.size).catch(trouble('store')).finally(removed);
  }

  async function send(archive: string, files: number): Promise<void> {
    await modelFiles.put(key, archive);
    log.info('Stored compiled kernels.', { key, files, bytes: (await stat(archive)).size });
  }

  const trouble = (what: string, halt?: AbortSignal) => (error: unknown) => {
    if (halt?.aborted !== true) {
      log.warn(`Could not ${what} compiled kernels.`, { key, reason: reasonOf(error) });
    }
  };

  return {
    restore: (halt = NEVER) => bring(halt).catch(trouble('restore', halt)),
    store: (halt = NEVER) => take(halt).catch(trouble('store', halt)),
  };
}

const bytesOf = (listing: Listing): number => [...listing.values()].reduce((sum, size) => sum + size, 0);

const isSame = (a: Listing, b: Listing): boolean =>
  a.size === b.size && [...a].every(([path, size]) => b.get(path) === size);
