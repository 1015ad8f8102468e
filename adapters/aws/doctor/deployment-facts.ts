import { HeadBucketCommand, HeadObjectCommand, NotFound, type S3Client } from '@aws-sdk/client-s3';

export async function bucketIsThere(client: S3Client, Bucket: string): Promise<'there' | 'absent'> {
  return (await unlessNotFound(() => client.send(new HeadBucketCommand({ Bucket })))) ? 'there' : 'absent';
}

export const objectIsThere = (client: S3Client, Bucket: string, Key: string): Promise<boolean> =>
  unlessNotFound(() => client.send(new HeadObjectCommand({ Bucket, Key })));

async function unlessNotFound(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    // An answer without a body has no code, but its status.
    if (error instanceof NotFound || (error as Error).name === 'NoSuchBucket') return false;
    throw error;
  }
}
