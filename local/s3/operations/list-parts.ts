import { sendXml } from '../respond.ts';
import { renderXml, type XmlChild } from '../xml.ts';
import type { Operation } from './operation.ts';
import { readCount, readInteger } from './read-count.ts';
import { findUpload } from './upload-part.ts';

export const listParts: Operation = (call, store) => {
  const upload = findUpload(call, store);
  const marker = readInteger(call, 'part-number-marker') ?? 0;
  const maxParts = readCount(call, 'max-parts');
  const later = store.uploads.parts(upload.id).filter(({ number }) => number > marker);
  const page = later.slice(0, maxParts);
  sendXml(
    call.response,
    renderXml('ListPartsResult', [
      ['Bucket', call.bucket],
      ['Key', call.key],
      ['UploadId', upload.id],
      ['StorageClass', 'STANDARD'],
      ['PartNumberMarker', marker],
      ['NextPartNumberMarker', page.at(-1)?.number],
      ['MaxParts', maxParts],
      ['IsTruncated', later.length > page.length],
      ['ChecksumAlgorithm', upload.checksumAlgorithm?.toUpperCase()],
      ...page.map(
        (part): XmlChild => [
          'Part',
          [
            ['PartNumber', part.number],
            ['LastModified', new Date(part.lastModifiedAtMs).toISOString()],
            ['ETag', `"${part.etag}"`],
            ['Size', part.sizeBytes],
            [`Checksum${part.checksum?.algorithm.toUpperCase() ?? ''}`, part.checksum?.value],
          ],
        ],
      ),
    ]),
  );
};
