import { createHash } from 'node:crypto';
import { type Checksum, type ChecksumAlgorithm, startDigest } from '../body/checksums.ts';
import { MAX_PUT_BYTES, type ReceivedBody, receiveBody } from '../body/receive.ts';
import type { AuthorizedCall } from '../call.ts';
import type { Blobs, BlobWriter, Slice } from './blobs.ts';

/** Bytes that are on disk and that no row names yet. */
export interface Ingested {
  readonly blob: string;
  readonly sizeBytes: number;
  readonly md5Hex: string;
  readonly checksum?: Checksum;
}

/** Streams a verified request body into a blob; nothing of it stays when the body is refused. */
export function ingestBody(call: AuthorizedCall, blobs: Blobs): Promise<Ingested> {
  return writeBlob(blobs, (writer) =>
    receiveBody({ call, maxBytes: MAX_PUT_BYTES, write: (bytes) => writer.write(bytes) }),
  );
}

/** Copies stored bytes into a blob of their own. */
export function ingestSlices(
  slices: readonly Slice[],
  blobs: Blobs,
  algorithm: ChecksumAlgorithm | undefined,
): Promise<Ingested> {
  return writeBlob(blobs, async (writer) => {
    const md5 = createHash('md5');
    const digest = algorithm === undefined ? undefined : startDigest(algorithm);
    let sizeBytes = 0;
    for await (const bytes of blobs.read(slices)) {
      sizeBytes += bytes.length;
      md5.update(bytes);
      digest?.update(bytes);
      await writer.write(bytes);
    }
    return {
      sizeBytes,
      md5Hex: md5.digest('hex'),
      ...(algorithm && digest ? { checksum: { algorithm, value: digest.value() } } : {}),
    };
  });
}

/** Names ingested bytes in the database, or removes them when `commit` throws. */
export function commitOrDiscard(blobs: Blobs, ingested: readonly string[], commit: () => void): void {
  try {
    commit();
  } catch (error) {
    blobs.remove(ingested);
    throw error;
  }
}

async function writeBlob(
  blobs: Blobs,
  fill: (writer: BlobWriter) => Promise<ReceivedBody>,
): Promise<Ingested> {
  const writer = await blobs.create();
  try {
    const received = await fill(writer);
    await writer.close();
    return { blob: writer.blob, ...received };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}
