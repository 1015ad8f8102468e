import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { adapterSchema } from '../../core/fleet/adapter.ts';
import { type AdapterBucket, type AdapterFiles, adapterFiles } from '../../gpu-task/agent/adapter-files.ts';
import { virtualTime } from './virtual-time.ts';

const FOLDER = 'adapters/formal/abc123/';
const formal = adapterSchema.parse({ id: 'formal', source: 'bucket', repository: 'a/b', revision: 'abc123' });
const WEIGHTS = Buffer.from('the weights');
const sha256 = createHash('sha256').update(WEIGHTS).digest('hex');

const manifest = (file: object = {}) =>
  JSON.stringify({
    ...{ repository: 'a/b', revision: 'abc123' },
    files: [
      { path: 'adapter_config.json', bytes: 2 },
      { path: 'weights/adapter_model.safetensors', bytes: WEIGHTS.length, sha256, ...file },
    ],
  });

let opened: AdapterFiles | undefined;
let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'slackline-test-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => {
  opened?.remove();
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

/** Bytes that come once and never again, until an abort ends them. */
async function* standingStill(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  yield WEIGHTS.subarray(0, 1);
  await new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('The connection was ended.')));
  });
}

/** A model bucket with a whole adapter, and `changes` on top; undefined takes an object away. */
function bucketWith(changes: Readonly<Record<string, string | undefined>> = {}) {
  const objects: Record<string, string | Uint8Array | undefined> = {
    'slackline.json': manifest(),
    'adapter_config.json': '{}',
    'weights/adapter_model.safetensors': WEIGHTS,
    ...changes,
  };
  const asked: string[] = [];
  const stuck = new Set<string>();
  const time = virtualTime();
  const bucket: AdapterBucket = {
    async get(key, signal) {
      asked.push(key);
      const name = key.slice(FOLDER.length);
      const body = objects[name];
      if (!key.startsWith(FOLDER) || body === undefined) return null;
      return stuck.has(name) ? standingStill(signal) : Readable.from([Buffer.from(body)]);
    },
  };
  const files = adapterFiles(bucket, time);
  opened = files;
  return { files, asked, objects, stuck, time };
}

it('copies an adapter once into a folder that every user can read', async () => {
  const { files, asked } = bucketWith();
  const [folder, again] = await Promise.all([files.folderOf(formal), files.folderOf(formal)]);
  expect(again).toBe(folder);
  expect(readFileSync(join(folder, 'weights/adapter_model.safetensors'))).toEqual(WEIGHTS);
  expect(readFileSync(join(folder, 'adapter_config.json'), 'utf8')).toBe('{}');
  expect(statSync(folder).mode & 0o777).toBe(0o755);
  expect(asked).toHaveLength(3);
  files.remove();
  expect(existsSync(folder)).toBe(false);
});

it('takes a folder of this machine as it is', async () => {
  const local = adapterSchema.parse({ id: 'formal', source: 'folder', path: '/adapters/formal' });
  const { files, asked } = bucketWith();
  expect(await files.folderOf(local)).toBe('/adapters/formal');
  expect(asked).toEqual([]);
});

it.each([
  ['was never put there whole', { 'slackline.json': undefined }, `no ${FOLDER}slackline.json. Pull`],
  ['has a damaged manifest', { 'slackline.json': '{' }, 'slackline.json is damaged'],
  ['leads out of its folder', { 'slackline.json': manifest({ path: '../x' }) }, 'slackline.json is damaged'],
  ['lacks a file', { 'adapter_config.json': undefined }, `no ${FOLDER}adapter_config.json. Pull`],
  ['has a file of another length', { 'adapter_config.json': '{  }' }, 'adapter_config.json is not what'],
  [
    'has a file with other bytes',
    { 'weights/adapter_model.safetensors': 'THE WEIGHTS' },
    'adapter_model.safetensors is not what',
  ],
])(
  'refuses an adapter that %s, keeps nothing of it, and looks again when asked again',
  async (_what, changes, says) => {
    const { files, objects } = bucketWith(changes);
    await expect(files.folderOf(formal)).rejects.toThrow(says);
    expect(readdirSync(temporary)).toEqual([]);
    Object.assign(objects, { 'slackline.json': manifest(), 'adapter_config.json': '{}' });
    objects['weights/adapter_model.safetensors'] = WEIGHTS;
    expect(existsSync(await files.folderOf(formal))).toBe(true);
  },
);

it.each(['slackline.json', 'weights/adapter_model.safetensors'])(
  'gives up a copy whose %s stands still, keeps nothing of it, and copies again when asked again',
  async (name) => {
    const { files, stuck, time } = bucketWith();
    stuck.add(name);
    const copied = expect(files.folderOf(formal)).rejects.toThrow('not copied within 120000 ms');
    await time.advance(121_000);
    await copied;
    expect(readdirSync(temporary)).toEqual([]);
    stuck.clear();
    expect(existsSync(await files.folderOf(formal))).toBe(true);
  },
);

it('ends a copy that is under way when its files are removed', async () => {
  const { files, stuck } = bucketWith();
  stuck.add('adapter_config.json');
  const copied = expect(files.folderOf(formal)).rejects.toThrow();
  await vi.waitUntil(() => readdirSync(temporary).length > 0);
  files.remove();
  await copied;
  await vi.waitUntil(() => readdirSync(temporary).length === 0);
});
