import { checksumHeader } from '../body/checksums.ts';
import { readObjectHeaders } from '../object-headers.ts';
import { checkWriteCondition, readWriteCondition } from '../preconditions.ts';
import { sendEmpty } from '../respond.ts';
import { commitOrDiscard, ingestBody } from '../store/ingest.ts';
import type { Operation } from './operation.ts';

export const putObject: Operation = async (call, store) => {
  const { bucket, key } = call;
  const condition = readWriteCondition(call);
  const headers = readObjectHeaders(call);
  // Spares a client the upload of a body that cannot be stored; the put below is what decides.
  checkWriteCondition(condition, store.objects.find(bucket, key));
  const { blob, sizeBytes, md5Hex, checksum } = await ingestBody(call, store.blobs);
  const object = {
    bucket,
    key,
    etag: md5Hex,
    sizeBytes,
    lastModifiedAtMs: store.nowMs(),
    headers,
    ...(checksum === undefined ? {} : { checksum }),
    extents: [{ blob, sizeBytes }],
  };
  commitOrDiscard(store.blobs, [blob], () => store.objects.put(object, condition));
  sendEmpty(call.response, 200, {
    etag: `"${md5Hex}"`,
    ...(checksum === undefined
      ? {}
      : { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': 'FULL_OBJECT' }),
  });
};
