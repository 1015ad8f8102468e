import type { FakeRepository } from './fake-hub.ts';
import { COMMIT } from './models-rig.ts';

export const MIB = 1024 * 1024;
export const FOLDER = `models/tiny/${COMMIT}/`;

/** Bytes that differ from place to place, so that a shift shows. */
export function bytesOf(length: number, seed = 1): Buffer {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = i * 2654435761 + seed;
  return Buffer.from(words.buffer).subarray(0, length);
}

export const CONFIG = Buffer.from('{"architectures": ["Tiny"]}');
/** More than one part of an upload. */
export const WEIGHTS = bytesOf(18 * MIB + 17);

/** What the hub has: `others` in place of its own. */
export const tiny = (others: Partial<FakeRepository> = {}): FakeRepository => ({
  name: 'acme/tiny',
  commit: COMMIT,
  files: [
    { path: '.gitattributes', body: Buffer.from('*.safetensors filter=lfs') },
    { path: 'config.json', body: CONFIG },
    { path: 'empty.txt', body: Buffer.alloc(0) },
    { path: 'folder/with space.json', body: Buffer.from('{}') },
    { path: 'model.safetensors', body: WEIGHTS, large: true },
    { path: 'pytorch_model.bin', body: bytesOf(100), large: true },
  ],
  ...others,
});
