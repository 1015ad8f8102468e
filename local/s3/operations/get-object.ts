import { pipeline } from 'node:stream/promises';
import { type ByteRange, readRange, sliceExtents } from '../byte-range.ts';
import type { AuthorizedCall } from '../call.ts';
import { describeChecksum, describeObject } from '../object-headers.ts';
import { checkReadCondition } from '../preconditions.ts';
import type { StoredObject } from '../store/objects.ts';
import type { S3Store } from '../store/store.ts';
import type { Operation } from './operation.ts';

/** GET and HEAD of an object, which differ in the body alone. */
export const getObject: Operation = async (call, store) => {
  const object = store.objects.get(call.bucket, call.key);
  // Set ahead of the conditions, because a 304 and a 412 carry the ETag as well.
  call.response.setHeader('etag', `"${object.etag}"`);
  checkReadCondition(call, object);
  const range = readRange(applicableRange(call, object), object.sizeBytes);
  const sizeBytes = range?.sizeBytes ?? object.sizeBytes;
  call.response.writeHead(range === undefined ? 200 : 206, {
    ...describeObject(call, object),
    // A checksum is of the whole object, so S3 leaves it out of an answer that holds a part.
    ...(range === undefined ? describeChecksum(call, object) : contentRange(range, object)),
    'content-length': sizeBytes,
  });
  if (call.method === 'HEAD' || sizeBytes === 0) {
    call.response.end();
    return;
  }
  await sendBytes(call, store, object, range ?? { startBytes: 0, sizeBytes });
};

async function sendBytes(
  call: AuthorizedCall,
  store: S3Store,
  object: StoredObject,
  range: ByteRange,
): Promise<void> {
  const slices = sliceExtents(object.extents, range);
  const release = store.blobs.hold(slices.map(({ blob }) => blob));
  try {
    await pipeline(store.blobs.read(slices), call.response);
  } finally {
    release();
  }
}

function applicableRange(call: AuthorizedCall, object: StoredObject): string | undefined {
  const { range, 'if-range': ifRange } = call.incoming.headers;
  if (ifRange === undefined || ifRange === `"${object.etag}"`) return range;
  return undefined;
}

function contentRange(range: ByteRange, object: StoredObject) {
  const lastByte = range.startBytes + range.sizeBytes - 1;
  return { 'content-range': `bytes ${range.startBytes}-${lastByte}/${object.sizeBytes}` };
}
