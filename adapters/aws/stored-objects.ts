import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { StoredObjects } from '../../core/retention/ports.ts';

/** All objects of one S3 bucket. */
export const s3StoredObjects = (client: S3Client, bucket: string): StoredObjects => ({
  async page(afterKey) {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, ...(afterKey === '' ? {} : { StartAfter: afterKey }) }),
    );
    const objects = (page.Contents ?? []).map(({ Key = '', LastModified }) => ({
      key: Key,
      storedAtMs: LastModified?.getTime() ?? Number.POSITIVE_INFINITY,
    }));
    return { objects, isLast: page.IsTruncated !== true };
  },
});
