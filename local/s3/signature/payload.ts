import type { S3Call } from '../call.ts';
import { notImplemented, S3Error } from '../errors.ts';
import type { ChunkSigner } from './chunks.ts';

/** How the signature speaks of the body, and so how the body is to be read and checked. */
export type Payload =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'hashed'; readonly sha256Hex: string }
  | { readonly kind: 'chunked'; readonly signer?: ChunkSigner };

/** The value that stands for the body in the canonical request. */
export function payloadHash(call: S3Call, kind: 'header' | 'presigned'): string {
  const hash = call.header('x-amz-content-sha256');
  if (hash !== undefined) return hash;
  if (kind === 'presigned') return 'UNSIGNED-PAYLOAD';
  throw new S3Error('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
}

/** Reads `x-amz-content-sha256`; `newSigner` is asked for only when every chunk carries a signature. */
export function readPayload(hash: string, newSigner: () => ChunkSigner): Payload {
  switch (hash) {
    case 'UNSIGNED-PAYLOAD':
      return { kind: 'unsigned' };
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return { kind: 'chunked' };
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return { kind: 'chunked', signer: newSigner() };
    default:
      if (/^[\da-f]{64}$/.test(hash)) return { kind: 'hashed', sha256Hex: hash };
      if (hash.startsWith('STREAMING-')) throw notImplemented(`x-amz-content-sha256: ${hash}`);
      throw new S3Error(
        'InvalidArgument',
        'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
        { ArgumentName: 'x-amz-content-sha256' },
      );
  }
}
