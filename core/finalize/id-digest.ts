import { createHash } from 'node:crypto';

const MODULUS = 1n << 256n;

/** SHA-256 of a custom_id's UTF-8 bytes. */
export const hashId = (customId: string): Uint8Array => createHash('sha256').update(customId).digest();

export interface IdDigest {
  add(sha256: Uint8Array): void;
  /** The sum, modulo 2^256. */
  sum(): bigint;
}

/**
 * Digest of a set of custom_ids that does not depend on their order: the sum of their SHA-256 (read as big-endian
 * numbers) modulo 2^256. Ids are unique within a Batch, so input = output ∪ error, disjoint, exactly if the sum of
 * the input equals those of the two files together and so do the numbers of lines.
 */
export function idDigest(): IdDigest {
  let sum = 0n;
  return {
    add(sha256) {
      sum = (sum + BigInt(`0x${Buffer.from(sha256).toString('hex')}`)) % MODULUS;
    },
    sum: () => sum,
  };
}

/** Adds digests of disjoint sets. */
export const addDigests = (a: bigint, b: bigint): bigint => (a + b) % MODULUS;

/** 64 hex digits, as plans and manifests hold it. */
export const digestHex = (sum: bigint): string => sum.toString(16).padStart(64, '0');

/** The digest of no id at all. */
export const NO_IDS = digestHex(0n);
