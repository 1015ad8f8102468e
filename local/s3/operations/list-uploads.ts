import { notImplemented } from '../errors.ts';
import { sendXml } from '../respond.ts';
import { renderXml, type XmlChild } from '../xml.ts';
import type { Operation } from './operation.ts';
import { readCount } from './read-count.ts';

export const listUploads: Operation = (call, store) => {
  for (const name of ['delimiter', 'encoding-type']) {
    if (call.parameter(name)) throw notImplemented(`${name} in ListMultipartUploads`);
  }
  const prefix = call.parameter('prefix') ?? '';
  const keyMarker = call.parameter('key-marker') ?? '';
  const uploadIdMarker = call.parameter('upload-id-marker') ?? '';
  const maxUploads = readCount(call, 'max-uploads');
  const all = store.uploads.list(call.bucket).filter(({ key }) => key.startsWith(prefix));
  const marked = all.findIndex(({ key, id }) => key === keyMarker && id === uploadIdMarker);
  const after = Buffer.from(keyMarker);
  const later =
    marked >= 0
      ? all.slice(marked + 1)
      : all.filter(({ key }) => Buffer.compare(Buffer.from(key), after) > 0);
  const page = later.slice(0, maxUploads);
  const last = later.length > page.length ? page.at(-1) : undefined;
  sendXml(
    call.response,
    renderXml('ListMultipartUploadsResult', [
      ['Bucket', call.bucket],
      ['KeyMarker', keyMarker],
      ['UploadIdMarker', uploadIdMarker],
      ['NextKeyMarker', last?.key],
      ['NextUploadIdMarker', last?.id],
      ['Prefix', prefix],
      ['MaxUploads', maxUploads],
      ['IsTruncated', last !== undefined],
      ...page.map(
        (upload): XmlChild => [
          'Upload',
          [
            ['Key', upload.key],
            ['UploadId', upload.id],
            ['StorageClass', 'STANDARD'],
            ['Initiated', new Date(upload.initiatedAtMs).toISOString()],
          ],
        ],
      ),
    ]),
  );
};
