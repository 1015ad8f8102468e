import { notImplemented } from '../errors.ts';
import { sendXml } from '../respond.ts';
import { renderXml, type XmlChild } from '../xml.ts';
import type { Operation } from './operation.ts';
import { readCount } from './read-count.ts';

/** The version of every object in a bucket that was never versioned, as all are here. */
export const ONLY_VERSION = 'null';

export const listVersions: Operation = (call, store) => {
  for (const name of ['delimiter', 'encoding-type']) {
    if (call.parameter(name)) throw notImplemented(`${name} in ListObjectVersions`);
  }
  const prefix = call.parameter('prefix') ?? '';
  const after = call.parameter('key-marker') ?? '';
  const maxEntries = readCount(call, 'max-keys');
  const query = { bucket: call.bucket, prefix, delimiter: '', after, maxEntries };
  const { entries, nextAfter } = maxEntries === 0 ? { entries: [] } : store.listObjects(query);
  sendXml(
    call.response,
    renderXml('ListVersionsResult', [
      ['Name', call.bucket],
      ['Prefix', prefix],
      ['KeyMarker', after],
      ['VersionIdMarker', call.parameter('version-id-marker')],
      ['NextKeyMarker', nextAfter],
      ['NextVersionIdMarker', nextAfter === undefined ? undefined : ONLY_VERSION],
      ['MaxKeys', maxEntries],
      ['IsTruncated', nextAfter !== undefined],
      ...entries.flatMap((entry): XmlChild[] =>
        entry.kind === 'prefix'
          ? []
          : [
              [
                'Version',
                [
                  ['Key', entry.key],
                  ['VersionId', ONLY_VERSION],
                  ['IsLatest', true],
                  ['LastModified', new Date(entry.lastModifiedAtMs).toISOString()],
                  ['ETag', `"${entry.etag}"`],
                  ['Size', entry.sizeBytes],
                  ['StorageClass', 'STANDARD'],
                ],
              ],
            ],
      ),
    ]),
  );
};
