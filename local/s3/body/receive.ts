import { createHash } from 'node:crypto';
import type { AuthorizedCall, S3Call } from '../call.ts';
import { S3Error } from '../errors.ts';
import type { Payload } from '../signature/payload.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import {
  type Checksum,
  type ChecksumClaim,
  checksumHeader,
  checkValue,
  readChecksumClaim,
  startDigest,
} from './checksums.ts';

/** The largest single PUT or part that S3 takes. */
export const MAX_PUT_BYTES = 5 * 1024 ** 3;

export interface ReceivedBody {
  readonly sizeBytes: number;
  readonly md5Hex: string;
  /** The checksum that the client sent, verified. @default - it sent none */
  readonly checksum?: Checksum;
}

export interface Reception {
  readonly call: AuthorizedCall;
  readonly maxBytes: number;
  /** What an `x-amz-checksum-*` header is of: completing an upload sends the object's. @default - the body */
  readonly checksumOf?: 'body' | 'object';
  readonly write: (bytes: Buffer) => void | Promise<void>;
}

/**
 * Streams a request's body into `write`, then verifies its length and every digest that the client sent:
 * what was written counts only when this returns. Throws EntityTooLarge before reading anything.
 */
export async function receiveBody(reception: Reception): Promise<ReceivedBody> {
  const { call } = reception;
  const { payload } = call;
  const declaredBytes = declaredLength(call, payload, reception.maxBytes);
  const claim = reception.checksumOf === 'object' ? undefined : readChecksumClaim(call);
  const contentMd5 = readContentMd5(call);
  const md5 = createHash('md5');
  const sha256 = payload.kind === 'hashed' ? createHash('sha256') : undefined;
  const digest = claim === undefined ? undefined : startDigest(claim.algorithm);
  const opened = openBody(call, payload);
  let sizeBytes = 0;
  for await (const bytes of opened.bytes) {
    sizeBytes += bytes.length;
    if (sizeBytes > declaredBytes) throw wrongLength();
    md5.update(bytes);
    sha256?.update(bytes);
    digest?.update(bytes);
    await reception.write(bytes);
  }
  if (sizeBytes !== declaredBytes) throw wrongLength();
  if (payload.kind === 'hashed' && sha256?.digest('hex') !== payload.sha256Hex) throw wrongPayloadHash();
  const md5Bytes = md5.digest();
  if (contentMd5 !== undefined && contentMd5 !== md5Bytes.toString('base64')) {
    throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const checksum = claim && digest ? verifyChecksum(claim, digest.value(), opened.trailers()) : undefined;
  return { sizeBytes, md5Hex: md5Bytes.toString('hex'), ...(checksum === undefined ? {} : { checksum }) };
}

function openBody(call: S3Call, payload: Payload) {
  call.beginBody();
  // Without this option a refusal amid the body would close the connection before the client reads why.
  const raw: AsyncIterator<Buffer> = call.incoming.iterator({ destroyOnReturn: false });
  let trailers: ReadonlyMap<string, string> = new Map();
  const onTrailers = (received: ReadonlyMap<string, string>): void => {
    trailers = received;
  };
  const bytes =
    payload.kind === 'chunked'
      ? decodeAwsChunked(raw, { signer: payload.signer, onTrailers })
      : { [Symbol.asyncIterator]: () => raw };
  return { bytes, trailers: () => trailers };
}

function declaredLength(call: S3Call, payload: Payload, maxBytes: number): number {
  const name = payload.kind === 'chunked' ? 'x-amz-decoded-content-length' : 'content-length';
  const value = call.incoming.headers[name];
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) {
    throw new S3Error('MissingContentLength', `You must provide the ${name} HTTP header.`);
  }
  if (Number(value) > maxBytes) {
    throw new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
      ProposedSize: value,
      MaxSizeAllowed: String(maxBytes),
    });
  }
  return Number(value);
}

function readContentMd5(call: S3Call): string | undefined {
  const value = call.incoming.headers['content-md5'];
  if (typeof value !== 'string') return undefined;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === 16 && bytes.toString('base64') === value) return value;
  throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
}

function verifyChecksum(
  claim: ChecksumClaim,
  calculated: string,
  trailers: ReadonlyMap<string, string>,
): Checksum {
  const value = claim.value ?? trailers.get(checksumHeader(claim.algorithm));
  if (value === undefined) {
    throw new S3Error(
      'MalformedTrailerError',
      `The request's x-amz-trailer announced ${checksumHeader(claim.algorithm)}, and no such trailer came.`,
    );
  }
  checkValue({ algorithm: claim.algorithm, value }, calculated);
  return { algorithm: claim.algorithm, value };
}

function wrongLength(): S3Error {
  return new S3Error(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );
}

function wrongPayloadHash(): S3Error {
  return new S3Error(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
}
