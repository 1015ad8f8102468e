import { createHash } from 'node:crypto';
import { type Checksum, checksumHeader, compositeChecksum } from '../body/checksums.ts';
import { readXmlBody } from '../body/read-xml.ts';
import type { AuthorizedCall } from '../call.ts';
import { S3Error } from '../errors.ts';
import { readWriteCondition } from '../preconditions.ts';
import { sendXml } from '../respond.ts';
import type { StoredObject } from '../store/objects.ts';
import type { S3Store } from '../store/store.ts';
import type { StoredPart, Upload } from '../store/uploads.ts';
import { renderXml } from '../xml.ts';
import { type ListedPart, readListedParts, selectParts } from './listed-parts.ts';
import type { Operation } from './operation.ts';
import { findUpload } from './upload-part.ts';

/** Makes an object of an upload's parts where they lie: no byte is copied, whatever their size. */
export const completeUpload: Operation = async (call, store) => {
  const condition = readWriteCondition(call);
  findUpload(call, store);
  const listed = readListedParts(await readXmlBody(call, 'CompleteMultipartUpload', 'object'));
  // Read again: from here to the commit nothing waits, so no other call can change the upload between.
  const upload = findUpload(call, store);
  const stored = store.uploads.parts(upload.id);
  const chosen = selectParts(upload, listed, stored);
  const checksum = objectChecksum(call, upload, chosen);
  const object = assemble(store, upload, chosen, checksum);
  store.objects.put(object, condition, () => store.uploads.deleteRows(upload.id));
  store.blobs.remove(leftOver(stored, listed));
  sendXml(
    call.response,
    renderXml('CompleteMultipartUploadResult', [
      ['Location', `http://${call.incoming.headers.host ?? ''}${encodeURI(call.path)}`],
      ['Bucket', call.bucket],
      ['Key', call.key],
      ['ETag', `"${object.etag}"`],
      [`Checksum${checksum?.algorithm.toUpperCase() ?? ''}`, checksum?.value],
      ['ChecksumType', checksum === undefined ? undefined : 'COMPOSITE'],
    ]),
  );
};

function assemble(
  store: S3Store,
  upload: Upload,
  parts: readonly StoredPart[],
  checksum: Checksum | undefined,
): StoredObject {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'));
  return {
    bucket: upload.bucket,
    key: upload.key,
    etag: `${md5.digest('hex')}-${parts.length}`,
    sizeBytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    lastModifiedAtMs: store.nowMs(),
    headers: upload.headers,
    ...(checksum === undefined ? {} : { checksum }),
    extents: parts.map(({ blob, sizeBytes }) => ({ blob, sizeBytes })),
  };
}

function objectChecksum(
  call: AuthorizedCall,
  upload: Upload,
  parts: readonly StoredPart[],
): Checksum | undefined {
  const { checksumAlgorithm } = upload;
  if (checksumAlgorithm === undefined) return undefined;
  const values = parts.flatMap(({ checksum }) => (checksum === undefined ? [] : [checksum.value]));
  const composite = compositeChecksum(checksumAlgorithm, values);
  const claimed = call.header(checksumHeader(checksumAlgorithm));
  if (claimed === undefined || claimed.split('-')[0] === composite.value.split('-')[0]) return composite;
  throw new S3Error(
    'BadDigest',
    `The ${checksumAlgorithm.toUpperCase()} you specified did not match the calculated checksum.`,
  );
}

function leftOver(stored: readonly StoredPart[], listed: readonly ListedPart[]): readonly string[] {
  const used = new Set(listed.map(({ number }) => number));
  return stored.filter(({ number }) => !used.has(number)).map(({ blob }) => blob);
}
