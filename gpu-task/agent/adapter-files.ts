import { createHash } from 'node:crypto';
import { createWriteStream, rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { AgentTime } from '../../core/agent/ports.ts';
import { parseJson } from '../../core/agent/verdict.ts';
import type { Adapter } from '../../core/fleet/adapter.ts';
import { adapterFolder, MANIFEST_FILE } from '../../core/models/layout.ts';
import { type ModelManifest, modelManifestSchema } from '../../core/models/manifest.ts';

/** Adapters as folders on this machine that an engine can read. */
export interface AdapterFiles {
  /** Fails where the adapter's files cannot be had, or are not what was put there. */
  folderOf(adapter: Adapter): Promise<string>;
  /** Ends the copies that are under way, and deletes what was copied. */
  remove(): void;
}

/** Of the model bucket, as far as adapters need it. */
export interface AdapterBucket {
  /** Null where there is no such object. An abort ends the wait, and later the bytes, with an error. */
  get(key: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null>;
}

/** The largest adapters, of 3 GB, need a minute at the 50 MB a second that one connection to S3 gives at least. */
const COPIED_WITHIN_MS = 120_000;
/** What to do about it, for whoever runs the service. */
const PULL = 'Pull the adapter with npm run models:pull.';

type BucketAdapter = Extract<Adapter, { readonly source: 'bucket' }>;

/** Copies an adapter of the model bucket into a folder of ours, once, when it is asked for. */
export function adapterFiles(bucket: AdapterBucket, time: Pick<AgentTime, 'sleep'>): AdapterFiles {
  const copies = new Map<string, Promise<string>>();
  const folders: string[] = [];
  const removed = new AbortController();

  async function copyInTime(adapter: BucketAdapter): Promise<string> {
    const [late, ended] = [new AbortController(), new AbortController()];
    const either = AbortSignal.any([ended.signal, removed.signal]);
    void time.sleep(COPIED_WITHIN_MS, either).then(() => late.abort());
    try {
      return await copyOf(adapter, late.signal);
    } catch (error) {
      if (!late.signal.aborted) throw error;
      throw new Error(`The adapter was not copied within ${COPIED_WITHIN_MS} ms.`);
    } finally {
      ended.abort();
    }
  }

  async function copyOf({ id, revision }: BucketAdapter, signal: AbortSignal): Promise<string> {
    const source = adapterFolder(id, revision);
    const { files } = await manifestOf(bucket, source, signal);
    const folder = await mkdtemp(join(tmpdir(), 'slk-adapter-'));
    folders.push(folder);
    try {
      for (const file of files) await copyFile(bucket, { source, folder, file, signal });
    } catch (error) {
      // Each Shard of a damaged adapter would leave another copy.
      await rm(folder, { recursive: true });
      throw error;
    }
    // An engine that runs as another user reads it too.
    await chmod(folder, 0o755);
    return folder;
  }

  return {
    folderOf(adapter) {
      if (adapter.source === 'folder') return Promise.resolve(adapter.path);
      const known = copies.get(adapter.id);
      if (known !== undefined) return known;
      const copy = copyInTime(adapter);
      copies.set(adapter.id, copy);
      copy.catch(() => copies.delete(adapter.id));
      return copy;
    },
    remove() {
      removed.abort();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function manifestOf(
  bucket: AdapterBucket,
  source: string,
  signal: AbortSignal,
): Promise<ModelManifest> {
  const body = await bucket.get(`${source}${MANIFEST_FILE}`, signal);
  if (body === null) throw new Error(`The model bucket has no ${source}${MANIFEST_FILE}. ${PULL}`);
  const manifest = modelManifestSchema.safeParse(parseJson(await buffer(body)));
  if (!manifest.success) throw new Error(`${source}${MANIFEST_FILE} is damaged. ${PULL}`);
  return manifest.data;
}

interface FileCopy {
  readonly source: string;
  readonly folder: string;
  readonly file: ModelManifest['files'][number];
  readonly signal: AbortSignal;
}

async function copyFile(bucket: AdapterBucket, { source, folder, file, signal }: FileCopy): Promise<void> {
  const key = `${source}${file.path}`;
  const body = await bucket.get(key, signal);
  if (body === null) throw new Error(`The model bucket has no ${key}. ${PULL}`);
  const target = join(folder, file.path);
  await mkdir(dirname(target), { recursive: true });
  const digest = createHash('sha256');
  let bytes = 0;
  async function* measured(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      digest.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  await pipeline(body, measured, createWriteStream(target), { signal });
  const isSame = bytes === file.bytes && (file.sha256 === undefined || file.sha256 === digest.digest('hex'));
  if (!isSame) throw new Error(`${key} is not what ${MANIFEST_FILE} says. ${PULL}`);
}
