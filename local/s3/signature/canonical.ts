import { createHash, createHmac } from 'node:crypto';
import type { QueryParameter, S3Call } from '../call.ts';
import type { CredentialScope } from './credential.ts';

export const sha256Hex = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Percent-encodes all but RFC 3986's unreserved characters, as Signature Version 4 asks. */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function signingKey(secretAccessKey: string, scope: CredentialScope): Buffer {
  const dateKey = hmac(`AWS4${secretAccessKey}`, scope.date);
  return hmac(hmac(hmac(dateKey, scope.region), 's3'), 'aws4_request');
}

export function scopeText(scope: CredentialScope): string {
  return `${scope.date}/${scope.region}/s3/aws4_request`;
}

/** Signs text already in Signature Version 4's form; the answer is hexadecimal. */
export function sign(key: Buffer, text: string): string {
  return hmac(key, text).toString('hex');
}

/** The canonical request, from what was received; a signed header that was not sent counts as empty. */
export function canonicalRequest(
  call: S3Call,
  signedHeaders: readonly string[],
  payloadHash: string,
): string {
  const headers = signedHeaders.map((name) => {
    const value = call.incoming.headers[name] ?? '';
    const text = Array.isArray(value) ? value.join(',') : value;
    return `${name}:${text.trim().replace(/ +/g, ' ')}\n`;
  });
  return [
    call.method,
    call.path.split('/').map(encodeRfc3986).join('/'),
    canonicalQuery(call.query),
    headers.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

function canonicalQuery(query: readonly QueryParameter[]): string {
  return query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
