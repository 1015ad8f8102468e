import { checksumHeader, readChecksumClaim } from '../body/checksums.ts';
import { MAX_PUT_BYTES } from '../body/receive.ts';
import { readRange, sliceExtents } from '../byte-range.ts';
import type { AuthorizedCall, S3Call } from '../call.ts';
import { S3Error } from '../errors.ts';
import { sendEmpty, sendXml } from '../respond.ts';
import { commitOrDiscard, type Ingested, ingestBody, ingestSlices } from '../store/ingest.ts';
import type { S3Store } from '../store/store.ts';
import type { StoredPart, Upload } from '../store/uploads.ts';
import { readCopySource, renderCopyResult } from './copy-source.ts';
import type { Operation } from './operation.ts';
import { readInteger } from './read-count.ts';

const MAX_PARTS = 10_000;

export const uploadPart: Operation = async (call, store) => {
  const number = readPartNumber(call);
  const upload = findUpload(call, store);
  checkChecksumType(call, upload);
  const part = storePart(store, upload, number, await ingestBody(call, store.blobs));
  sendEmpty(call.response, 200, {
    etag: `"${part.etag}"`,
    ...(part.checksum === undefined
      ? {}
      : { [checksumHeader(part.checksum.algorithm)]: part.checksum.value }),
  });
};

export const uploadPartCopy: Operation = async (call, store) => {
  const number = readPartNumber(call);
  const upload = findUpload(call, store);
  const source = readCopySource(call, store);
  const range = readCopyRange(call, source.sizeBytes);
  const slices = sliceExtents(source.extents, range);
  const release = store.blobs.hold(slices.map(({ blob }) => blob));
  try {
    const copied = await ingestSlices(slices, store.blobs, upload.checksumAlgorithm);
    sendXml(call.response, renderCopyResult('CopyPartResult', storePart(store, upload, number, copied)));
  } finally {
    release();
  }
};

/** The upload that `uploadId` names; throws NoSuchUpload. */
export function findUpload(call: AuthorizedCall, store: S3Store): Upload {
  return store.uploads.get(call.bucket, call.key, call.parameter('uploadId') ?? '');
}

function storePart(store: S3Store, upload: Upload, number: number, ingested: Ingested): StoredPart {
  const { blob, sizeBytes, md5Hex, checksum } = ingested;
  const part: StoredPart = {
    number,
    etag: md5Hex,
    sizeBytes,
    lastModifiedAtMs: store.nowMs(),
    ...(checksum === undefined ? {} : { checksum }),
    blob,
  };
  commitOrDiscard(store.blobs, [blob], () => store.uploads.putPart(upload, part));
  return part;
}

function readPartNumber(call: S3Call): number {
  const number = readInteger(call, 'partNumber');
  if (number !== undefined && number >= 1 && number <= MAX_PARTS) return number;
  throw new S3Error(
    'InvalidArgument',
    `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`,
    { ArgumentName: 'partNumber', ArgumentValue: call.parameter('partNumber') ?? '' },
  );
}

/**
 * Parts must carry the checksum that the upload was begun with. One begun with none takes any: the SDK begins
 * uploads without and sends parts with CRC-32 by default.
 */
function checkChecksumType(call: S3Call, upload: Upload): void {
  const expected = upload.checksumAlgorithm;
  const actual = readChecksumClaim(call)?.algorithm ?? 'null';
  if (expected === undefined || expected === actual) return;
  throw new S3Error(
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`,
  );
}

function readCopyRange(call: S3Call, sourceBytes: number) {
  const header = call.header('x-amz-copy-source-range');
  const [, last] = /^bytes=\d+-(\d+)$/.exec(header ?? '') ?? [];
  if (header !== undefined && (last === undefined || Number(last) >= sourceBytes)) {
    throw new S3Error(
      'InvalidArgument',
      `The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy, within the source's ${sourceBytes} bytes`,
      { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header },
    );
  }
  const range = readRange(header, sourceBytes) ?? { startBytes: 0, sizeBytes: sourceBytes };
  if (range.sizeBytes <= MAX_PUT_BYTES) return range;
  throw new S3Error(
    'InvalidRequest',
    `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_PUT_BYTES}`,
  );
}
