import { AbortMultipartUploadCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';

export interface MultipartUpload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

/** Whether S3 knows no such upload: it was completed or aborted. */
export const isGone = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.name === 'NoSuchUpload';

/** Aborts a multipart upload, unless it is gone already. */
export async function abortUpload(client: S3Client, upload: MultipartUpload): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand(upload));
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
