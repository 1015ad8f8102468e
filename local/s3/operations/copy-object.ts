import { MAX_PUT_BYTES } from '../body/receive.ts';
import { sliceExtents } from '../byte-range.ts';
import type { S3Call } from '../call.ts';
import { S3Error } from '../errors.ts';
import { readObjectHeaders } from '../object-headers.ts';
import { readWriteCondition } from '../preconditions.ts';
import { sendXml } from '../respond.ts';
import { commitOrDiscard, type Ingested, ingestSlices } from '../store/ingest.ts';
import type { StoredObject } from '../store/objects.ts';
import type { S3Store } from '../store/store.ts';
import { readCopySource, renderCopyResult } from './copy-source.ts';
import type { Operation } from './operation.ts';

export const copyObject: Operation = async (call, store) => {
  const source = readCopySource(call, store);
  const condition = readWriteCondition(call);
  const headers = replacesMetadata(call, source) ? readObjectHeaders(call) : source.headers;
  const { blob, md5Hex, sizeBytes, checksum } = await duplicate(source, store);
  const copy: StoredObject = {
    bucket: call.bucket,
    key: call.key,
    etag: md5Hex,
    sizeBytes,
    lastModifiedAtMs: store.nowMs(),
    headers,
    ...(checksum === undefined ? {} : { checksum }),
    extents: [{ blob, sizeBytes }],
  };
  commitOrDiscard(store.blobs, [blob], () => store.objects.put(copy, condition));
  sendXml(call.response, renderCopyResult('CopyObjectResult', copy));
};

/** S3 gives the copy of a multipart object the ETag of one body, so only those bytes are read again. */
async function duplicate(source: StoredObject, store: S3Store): Promise<Ingested> {
  const { extents, sizeBytes, etag, checksum } = source;
  const release = store.blobs.hold(extents.map(({ blob }) => blob));
  try {
    const [first] = extents;
    if (first === undefined || extents.length > 1 || etag.includes('-')) {
      const slices = sliceExtents(extents, { startBytes: 0, sizeBytes });
      return await ingestSlices(slices, store.blobs, checksum?.algorithm);
    }
    const blob = await store.blobs.link(first.blob);
    return { blob, sizeBytes, md5Hex: etag, ...(checksum === undefined ? {} : { checksum }) };
  } finally {
    release();
  }
}

function replacesMetadata(call: S3Call, source: StoredObject): boolean {
  if (source.sizeBytes > MAX_PUT_BYTES) {
    throw new S3Error(
      'InvalidRequest',
      `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_PUT_BYTES}`,
    );
  }
  const directive = call.header('x-amz-metadata-directive') ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw new S3Error('InvalidArgument', 'Unknown metadata directive.', {
      ArgumentName: 'x-amz-metadata-directive',
      ArgumentValue: directive,
    });
  }
  if (directive === 'COPY' && source.bucket === call.bucket && source.key === call.key) {
    throw new S3Error(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  return directive === 'REPLACE';
}
