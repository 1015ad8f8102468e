import { S3Error } from '../errors.ts';
import { scopeText, sha256Hex, sign } from './canonical.ts';
import type { SignatureClaim } from './credential.ts';

/** Checks the signatures of a streamed body, each of which covers the one before it. */
export interface ChunkSigner {
  verifyChunk(signature: string | undefined, chunkSha256Hex: string): void;
  /** `trailer` is every trailing header as `name:value\n`. */
  verifyTrailer(signature: string | undefined, trailer: string): void;
}

const EMPTY_SHA256 = sha256Hex('');

/** Starts a chain of chunk signatures at the signature of the request's headers. */
export function startChunkSigner(claim: SignatureClaim, key: Buffer): ChunkSigner {
  let previous = claim.signature;
  const advance = (signature: string | undefined, kind: string, hashes: readonly string[]): void => {
    const text = [kind, claim.timestamp, scopeText(claim.scope), previous, ...hashes].join('\n');
    const expected = sign(key, text);
    if (signature !== expected) {
      throw new S3Error(
        'SignatureDoesNotMatch',
        'The signature of a chunk of the body does not match the signature we calculated.',
      );
    }
    previous = expected;
  };
  return {
    verifyChunk: (signature, chunkSha256Hex) =>
      advance(signature, 'AWS4-HMAC-SHA256-PAYLOAD', [EMPTY_SHA256, chunkSha256Hex]),
    verifyTrailer: (signature, trailer) =>
      advance(signature, 'AWS4-HMAC-SHA256-TRAILER', [sha256Hex(trailer)]),
  };
}
