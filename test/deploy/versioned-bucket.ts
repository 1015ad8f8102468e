import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

export type VersionedBucket = Awaited<ReturnType<typeof versionedBucket>>;

/** A bucket with versions, as `keepData` makes it; the profiles that are deployed here keep nothing. */
export async function versionedBucket(s3: S3Client, Bucket: string) {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const versions = async () => {
    const {
      Versions = [],
      DeleteMarkers = [],
      IsTruncated,
    } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    if (IsTruncated === true) throw new Error(`${Bucket} holds more than a page.`);
    return [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
  };
  return {
    put: (Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key })),
    /** Leaves a delete marker. */
    remove: (Key: string) => s3.send(new DeleteObjectCommand({ Bucket, Key })),
    beginUpload: (Key: string) => s3.send(new CreateMultipartUploadCommand({ Bucket, Key })),
    /** Of every version, delete marker and unfinished upload. */
    async keys(): Promise<readonly string[]> {
      const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
      return [...(await versions()), ...Uploads].map(({ Key = '' }) => Key);
    },
    async close(): Promise<void> {
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: await versions() } }));
      await s3.send(new DeleteBucketCommand({ Bucket }));
    },
  };
}
