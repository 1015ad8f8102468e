import { DeleteObjectsCommand, type ObjectIdentifier, type S3Client } from '@aws-sdk/client-s3';

/** S3 deletes at most this many a request. */
const AT_ONCE = 1000;

/** Deletes objects, or versions of them. Throws, naming the first, where S3 leaves one. */
export async function deleteObjects(
  client: S3Client,
  bucket: string,
  objects: readonly ObjectIdentifier[],
): Promise<void> {
  for (let i = 0; i < objects.length; i += AT_ONCE) {
    const Delete = { Objects: objects.slice(i, i + AT_ONCE), Quiet: true };
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
    const [first] = Errors;
    if (first !== undefined) throw new Error(`Could not delete ${first.Key}: ${first.Code}.`);
  }
}
