import { timingSafeEqual } from 'node:crypto';
import type { S3Call } from '../call.ts';
import { S3Error } from '../errors.ts';
import { canonicalRequest, scopeText, sha256Hex, sign, signingKey } from './canonical.ts';
import { startChunkSigner } from './chunks.ts';
import { readClaim, type SignatureClaim } from './credential.ts';
import { type Payload, payloadHash, readPayload } from './payload.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Verified {
  readonly payload: Payload;
  /** The region that the client signed for. */
  readonly region: string;
}

/** S3 refuses a signature made more than 15 minutes off its own clock. */
const MAX_SKEW_MS = 15 * 60_000;

/**
 * Verifies AWS Signature Version 4 in a header or a presigned query, as the S3 API reference describes it
 * under "Authenticating Requests"; throws the error that S3 answers.
 */
export function verifySignature(call: S3Call, credentials: Credentials, nowMs: number): Verified {
  const claim = readClaim(call);
  if (claim.accessKeyId !== credentials.accessKeyId) {
    throw new S3Error(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      { AWSAccessKeyId: claim.accessKeyId },
    );
  }
  checkTime(claim, nowMs);
  checkHeadersAreSigned(call, claim);
  const hash = payloadHash(call, claim.kind);
  const key = signingKey(credentials.secretAccessKey, claim.scope);
  checkSignature(call, claim, hash, key);
  return { payload: readPayload(hash, () => startChunkSigner(claim, key)), region: claim.scope.region };
}

function checkTime(claim: SignatureClaim, nowMs: number): void {
  const serverTime = new Date(nowMs).toISOString();
  if (claim.kind === 'header') {
    if (Math.abs(nowMs - claim.signedAtMs) <= MAX_SKEW_MS) return;
    throw new S3Error(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      {
        RequestTime: claim.timestamp,
        ServerTime: serverTime,
        MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
      },
    );
  }
  const expiresAtMs = claim.signedAtMs + claim.expiresSeconds * 1000;
  if (nowMs > expiresAtMs) {
    throw new S3Error('AccessDenied', 'Request has expired', {
      'X-Amz-Expires': String(claim.expiresSeconds),
      Expires: new Date(expiresAtMs).toISOString(),
      ServerTime: serverTime,
    });
  }
  if (claim.signedAtMs - nowMs > MAX_SKEW_MS) throw new S3Error('AccessDenied', 'Request is not valid yet');
}

/** S3 takes no `x-amz-*` header that the signature does not cover, so that nobody can add one to a URL. */
function checkHeadersAreSigned(call: S3Call, claim: SignatureClaim): void {
  const unsigned = Object.keys(call.incoming.headers).filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !claim.signedHeaders.includes(name),
  );
  if (unsigned.length === 0) return;
  throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
    HeadersNotSigned: unsigned.join(', '),
  });
}

function checkSignature(call: S3Call, claim: SignatureClaim, hash: string, key: Buffer): void {
  const canonical = canonicalRequest(call, claim.signedHeaders, hash);
  const text = ['AWS4-HMAC-SHA256', claim.timestamp, scopeText(claim.scope), sha256Hex(canonical)].join('\n');
  const expected = Buffer.from(sign(key, text));
  const received = Buffer.from(claim.signature);
  const sameDay = claim.timestamp.startsWith(claim.scope.date);
  if (sameDay && expected.length === received.length && timingSafeEqual(expected, received)) return;
  throw new S3Error(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    { AWSAccessKeyId: claim.accessKeyId, StringToSign: text, CanonicalRequest: canonical },
  );
}
