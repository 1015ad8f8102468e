import { createHash } from 'node:crypto';
import type { ObjectInfo, Objects, PutOnceResult } from '../../core/ports.ts';

export interface MemoryObjects extends Objects {
  /** Puts an object as a client's upload does, or over what is there. */
  put(key: string, body: Uint8Array): void;
  /** All keys, in order: for assertions. */
  keys(): readonly string[];
  /** The bytes now, without a promise: for assertions. */
  peek(key: string): Uint8Array | null;
}

const etagOf = (body: Uint8Array): string => `"${createHash('md5').update(body).digest('hex')}"`;

/** Objects in memory. Bodies are copied on the way in and out, so that nobody can change them. */
export function memoryObjects(): MemoryObjects {
  const bodies = new Map<string, Uint8Array>();
  const infoOf = (key: string, body: Uint8Array): ObjectInfo =>
    Object.freeze({ key, sizeBytes: body.length, etag: etagOf(body) });
  const peek = (key: string): Uint8Array | null => bodies.get(key)?.slice() ?? null;

  async function putOnce(key: string, body: Uint8Array): Promise<PutOnceResult> {
    const taken = bodies.get(key);
    if (taken !== undefined) return Buffer.compare(taken, body) === 0 ? 'same' : 'taken';
    bodies.set(key, body.slice());
    return 'stored';
  }

  return {
    putOnce,
    peek,
    put: (key, body) => void bodies.set(key, body.slice()),
    keys: () => [...bodies.keys()].sort(),
    get: async (key) => peek(key),
    getRange: async (key, { start, end }) => bodies.get(key)?.slice(start, end) ?? null,
    async head(key) {
      const body = bodies.get(key);
      return body === undefined ? null : infoOf(key, body);
    },
    list: async (prefix) =>
      [...bodies]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, body]) => infoOf(key, body)),
    async stream(key, etag) {
      const body = peek(key);
      if (body === null) return null;
      if (etag !== undefined && etag !== etagOf(body)) throw new Error(`${key} is another object by now.`);
      return inPieces(body);
    },
    async putOnceStream(key, body) {
      const pieces: Uint8Array[] = [];
      for await (const piece of body) pieces.push(piece.slice());
      const whole = Uint8Array.from(Buffer.concat(pieces));
      return { result: await putOnce(key, whole), sizeBytes: whole.length, etag: etagOf(whole) };
    },
    async remove(keys) {
      for (const key of keys) bodies.delete(key);
    },
  };
}

/** Odd, so that a reader that expects whole lines in a piece fails. */
const PIECE_BYTES = 1021;

async function* inPieces(body: Uint8Array): AsyncIterable<Uint8Array> {
  for (let i = 0; i < body.length; i += PIECE_BYTES) yield body.slice(i, i + PIECE_BYTES);
}
