import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { S3Call } from '../call.ts';
import { notImplemented, S3Error } from '../errors.ts';
import { crc32c } from './crc32c.ts';

/** Bytes in a value of each checksum that S3 takes and this server can verify. */
const VALUE_BYTES = { crc32: 4, crc32c: 4, sha1: 20, sha256: 32 } as const;

export type ChecksumAlgorithm = keyof typeof VALUE_BYTES;

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; of a multipart object followed by `-` and the number of its parts. */
  readonly value: string;
}

/** What a request says of its body's checksum: its value ahead, or only that a trailer will bring it. */
export interface ChecksumClaim {
  readonly algorithm: ChecksumAlgorithm;
  readonly value?: string;
}

export interface Digest {
  update(data: Buffer): void;
  /** Base64. */
  value(): string;
}

const HEADER_PREFIX = 'x-amz-checksum-';
const NOT_VALUES = ['x-amz-checksum-algorithm', 'x-amz-checksum-mode', 'x-amz-checksum-type'];

export const checksumHeader = (algorithm: ChecksumAlgorithm): string => `${HEADER_PREFIX}${algorithm}`;

export function startDigest(algorithm: ChecksumAlgorithm): Digest {
  switch (algorithm) {
    case 'crc32':
      return startCrc((data, previous) => crc32(data, previous));
    case 'crc32c':
      return startCrc(crc32c);
    case 'sha1':
    case 'sha256': {
      const hash = createHash(algorithm);
      return { update: (data) => void hash.update(data), value: () => hash.digest('base64') };
    }
    default:
      return algorithm satisfies never;
  }
}

/** The checksum of checksums that S3 gives a multipart object ("composite"). */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly string[]): Checksum {
  const digest = startDigest(algorithm);
  for (const part of parts) digest.update(Buffer.from(part, 'base64'));
  return { algorithm, value: `${digest.value()}-${parts.length}` };
}

/** Reads the checksum that a request announces, if any; throws InvalidRequest for one that makes no sense. */
export function readChecksumClaim(call: S3Call): ChecksumClaim | undefined {
  const names = new Set(
    [...Object.keys(call.incoming.headers), ...call.query.map(([name]) => name.toLowerCase())].filter(
      (name) => name.startsWith(HEADER_PREFIX) && !NOT_VALUES.includes(name),
    ),
  );
  const trailer = call.incoming.headers['x-amz-trailer'];
  const trailing = typeof trailer === 'string' ? trailer.trim().toLowerCase() : undefined;
  if (names.size + (trailing === undefined ? 0 : 1) > 1) {
    throw new S3Error(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  }
  const [name] = names;
  if (name !== undefined) return readHeaderClaim(call, name);
  if (trailing !== undefined) return { algorithm: readAlgorithm(trailing.slice(HEADER_PREFIX.length)) };
  if (call.header('x-amz-sdk-checksum-algorithm') === undefined) return undefined;
  throw new S3Error(
    'InvalidRequest',
    'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
  );
}

/** Reads an algorithm's name in any case; throws NotImplemented for one that cannot be verified here. */
export function readAlgorithm(name: string): ChecksumAlgorithm {
  const lower = name.toLowerCase();
  for (const algorithm of Object.keys(VALUE_BYTES) as ChecksumAlgorithm[]) {
    if (algorithm === lower) return algorithm;
  }
  throw notImplemented(`checksum algorithm ${name}`);
}

/** Throws BadDigest when a body is not the one whose checksum was sent. */
export function checkValue(claimed: Checksum, calculated: string): void {
  checkFormat(claimed.algorithm, claimed.value);
  if (claimed.value === calculated) return;
  throw new S3Error(
    'BadDigest',
    `The ${claimed.algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
  );
}

function readHeaderClaim(call: S3Call, name: string): ChecksumClaim {
  const algorithm = readAlgorithm(name.slice(HEADER_PREFIX.length));
  const value = call.header(name) ?? '';
  checkFormat(algorithm, value);
  return { algorithm, value };
}

function checkFormat(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === VALUE_BYTES[algorithm] && bytes.toString('base64') === value) return;
  throw new S3Error('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`);
}

function startCrc(next: (data: Buffer, previous: number) => number): Digest {
  let crc = 0;
  return {
    update: (data) => {
      crc = next(data, crc);
    },
    value: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(crc);
      return bytes.toString('base64');
    },
  };
}
