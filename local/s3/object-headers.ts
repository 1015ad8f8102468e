import type { OutgoingHttpHeaders } from 'node:http';
import { checksumHeader } from './body/checksums.ts';
import type { AuthorizedCall, S3Call } from './call.ts';
import { notImplemented, S3Error } from './errors.ts';
import type { ObjectHeaders, StoredObject } from './store/objects.ts';

const STORED = ['cache-control', 'content-disposition', 'content-language', 'expires'];

const OVERRIDABLE = [...STORED, 'content-encoding', 'content-type'];

const META_PREFIX = 'x-amz-meta-';

/** S3's limit on the names and values of user metadata together. */
const MAX_META_BYTES = 2048;

/** Headers whose loss would change what the caller gets: refused by name instead of being ignored. */
const REFUSED = [
  'x-amz-tagging',
  'x-amz-write-offset-bytes',
  'x-amz-object-lock-mode',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-website-redirect-location',
];

/** Reads the headers that an object keeps; throws MetadataTooLarge, or NotImplemented for tags and locks. */
export function readObjectHeaders(call: S3Call): ObjectHeaders {
  const refused = REFUSED.find((name) => call.header(name) !== undefined);
  if (refused !== undefined) throw notImplemented(refused);
  const headers: Record<string, string> = {
    'content-type': call.header('content-type') ?? 'binary/octet-stream',
    ...readMetadata(call),
  };
  for (const name of STORED) {
    const value = call.header(name);
    if (value !== undefined) headers[name] = value;
  }
  const encoding = contentEncoding(call);
  if (encoding !== '') headers['content-encoding'] = encoding;
  return headers;
}

/** The headers with which GET and HEAD describe an object, after the call's `response-*` overrides. */
export function describeObject(call: AuthorizedCall, object: StoredObject): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {
    ...object.headers,
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.lastModifiedAtMs).toUTCString(),
    'accept-ranges': 'bytes',
  };
  for (const name of OVERRIDABLE) {
    const value = call.parameter(`response-${name}`);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

/** The stored checksum as headers, for a caller who asked by `x-amz-checksum-mode: ENABLED`. */
export function describeChecksum(call: S3Call, object: StoredObject): OutgoingHttpHeaders {
  const { checksum } = object;
  if (checksum === undefined || call.header('x-amz-checksum-mode')?.toUpperCase() !== 'ENABLED') return {};
  return {
    [checksumHeader(checksum.algorithm)]: checksum.value,
    'x-amz-checksum-type': checksum.value.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT',
  };
}

function readMetadata(call: S3Call): Record<string, string> {
  const names = [...Object.keys(call.incoming.headers), ...call.query.map(([name]) => name.toLowerCase())];
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const name of new Set(names.filter((candidate) => candidate.startsWith(META_PREFIX)))) {
    const value = call.header(name) ?? '';
    metadata[name] = value;
    bytes += Buffer.byteLength(name) - META_PREFIX.length + Buffer.byteLength(value);
  }
  if (bytes <= MAX_META_BYTES) return metadata;
  throw new S3Error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
    Size: String(bytes),
    MaxSizeAllowed: String(MAX_META_BYTES),
  });
}

/** `aws-chunked` codes the transfer, not the object, so S3 does not keep it. */
function contentEncoding(call: S3Call): string {
  return (call.header('content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'aws-chunked')
    .join(',');
}
