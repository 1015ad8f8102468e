import { createHash, type Hash } from 'node:crypto';
import type { FileDigest, RepositoryFile } from './repository-file.ts';

/**
 * Passes a file's bytes on and fails at the end, before the last of them can be stored, unless they are as many and
 * have the digest that the hub gave.
 */
export async function* verifyBytes(
  { path, bytes, digest }: RepositoryFile,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const hash = startHash(digest, bytes);
  let received = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    received += chunk.length;
    yield chunk;
  }
  if (received !== bytes) {
    throw new Error(
      `${path}: ${received} bytes came, but the hub lists ${bytes}. It was not stored; run the command again.`,
    );
  }
  const found = hash.digest('hex');
  if (found !== digest.hex) {
    throw new Error(
      `${path}: the bytes that came have the ${digest.algorithm} ${found}, but the hub lists ${digest.hex}. It was not stored; run the command again.`,
    );
  }
}

/** Git hashes a header before the bytes. */
function startHash({ algorithm }: FileDigest, bytes: number): Hash {
  return algorithm === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`);
}
