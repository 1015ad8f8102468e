import type { S3Call } from '../call.ts';
import { S3Error } from '../errors.ts';
import { sendXml } from '../respond.ts';
import { encodeRfc3986 } from '../signature/canonical.ts';
import type { ListEntry } from '../store/listing.ts';
import { renderXml, type XmlChild } from '../xml.ts';
import type { Operation } from './operation.ts';
import { readCount } from './read-count.ts';

export const listObjects: Operation = (call, store) => {
  const token = call.parameter('continuation-token');
  const startAfter = call.parameter('start-after');
  const prefix = call.parameter('prefix') ?? '';
  const delimiter = call.parameter('delimiter') ?? '';
  const maxKeys = readCount(call, 'max-keys');
  const after = token === undefined ? (startAfter ?? '') : readToken(token);
  const query = { bucket: call.bucket, prefix, delimiter, after, maxEntries: maxKeys };
  const { entries, nextAfter } = maxKeys === 0 ? { entries: [] } : store.listObjects(query);
  const encode = keyEncoder(call);
  sendXml(
    call.response,
    renderXml('ListBucketResult', [
      ['Name', call.bucket],
      ['Prefix', encode(prefix)],
      ['StartAfter', startAfter === undefined ? undefined : encode(startAfter)],
      ['ContinuationToken', token],
      ['NextContinuationToken', nextAfter === undefined ? undefined : writeToken(nextAfter)],
      ['KeyCount', entries.length],
      ['MaxKeys', maxKeys],
      ['Delimiter', delimiter === '' ? undefined : encode(delimiter)],
      ['EncodingType', call.parameter('encoding-type')],
      ['IsTruncated', nextAfter !== undefined],
      ...entries.map((entry) => renderEntry(entry, encode)),
    ]),
  );
};

function renderEntry(entry: ListEntry, encode: (key: string) => string): XmlChild {
  switch (entry.kind) {
    case 'prefix':
      return ['CommonPrefixes', [['Prefix', encode(entry.prefix)]]];
    case 'object':
      return [
        'Contents',
        [
          ['Key', encode(entry.key)],
          ['LastModified', new Date(entry.lastModifiedAtMs).toISOString()],
          ['ETag', `"${entry.etag}"`],
          ['Size', entry.sizeBytes],
          ['StorageClass', 'STANDARD'],
        ],
      ];
    default:
      return entry satisfies never;
  }
}

function keyEncoder(call: S3Call): (key: string) => string {
  const encoding = call.parameter('encoding-type');
  if (encoding === undefined) return (key) => key;
  if (encoding === 'url') return (key) => key.split('/').map(encodeRfc3986).join('/');
  throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
    ArgumentName: 'encoding-type',
    ArgumentValue: encoding,
  });
}

/** A mark in front tells a token of ours from other base64. */
const TOKEN_MARK = 'after:';

function writeToken(after: string): string {
  return Buffer.from(TOKEN_MARK + after).toString('base64url');
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (text.startsWith(TOKEN_MARK)) return text.slice(TOKEN_MARK.length);
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect', {
    ArgumentName: 'continuation-token',
  });
}
