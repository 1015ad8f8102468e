import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { adapterSchema } from '../../core/fleet/adapter.ts';
import { type AdapterFiles, adapterFiles } from '../../gpu-task/agent/adapter-files.ts';

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

/** A model bucket with a whole adapter, and `changes` on top; undefined takes an object away. */
function bucketWith(changes: Readonly<Record<string, string | undefined>> = {}) {
  const objects: Record<string, string | Uint8Array | undefined> = {
    'slackline.json': manifest(),
    'adapter_config.json': '{}',
    'weights/adapter_model.safetensors': WEIGHTS,
    ...changes,
  };
  const asked: string[] = [];
  const files = adapterFiles({
    async get(key) {
      asked.push(key);
      const body = objects[key.slice(FOLDER.length)];
      return key.startsWith(FOLDER) && body !== undefined ? Readable.from([Buffer.from(body)]) : null;
    },
  });
  opened = files;
  return { files, asked, objects };
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
