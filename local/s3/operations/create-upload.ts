import { readAlgorithm } from '../body/checksums.ts';
import { notImplemented } from '../errors.ts';
import { readObjectHeaders } from '../object-headers.ts';
import { sendXml } from '../respond.ts';
import { renderXml } from '../xml.ts';
import type { Operation } from './operation.ts';

export const createUpload: Operation = (call, store) => {
  const { bucket, key } = call;
  const algorithm = call.header('x-amz-checksum-algorithm');
  const type = call.header('x-amz-checksum-type');
  if (type !== undefined && type !== 'COMPOSITE') throw notImplemented(`x-amz-checksum-type: ${type}`);
  const upload = store.uploads.create({
    bucket,
    key,
    initiatedAtMs: store.nowMs(),
    headers: readObjectHeaders(call),
    ...(algorithm === undefined ? {} : { checksumAlgorithm: readAlgorithm(algorithm) }),
  });
  sendXml(
    call.response,
    renderXml('InitiateMultipartUploadResult', [
      ['Bucket', bucket],
      ['Key', key],
      ['UploadId', upload.id],
    ]),
    algorithm === undefined
      ? {}
      : { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': 'COMPOSITE' },
  );
};
