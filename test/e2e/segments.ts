import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { decodeIndex } from '../../core/segment/segment.ts';

/** The custom ids of all lines that a Segment of a Batch holds at this moment. */
export async function heldIds(s3: S3Client, Bucket: string, batchId: string): Promise<ReadonlySet<string>> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'runs/' }));
  const held = new Set<string>();
  for (const { Key = '' } of Contents) {
    if (!Key.includes(`/${batchId}/segments/`)) continue;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    for (const { offset, length } of decodeIndex(bytes)) {
      const line = Buffer.from(bytes.subarray(offset, offset + length)).toString();
      held.add((JSON.parse(line) as { custom_id: string }).custom_id);
    }
  }
  return held;
}
