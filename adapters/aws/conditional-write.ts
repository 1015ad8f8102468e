import { S3ServiceException } from '@aws-sdk/client-s3';

/** S3 answers 409 to all but one of the conditional writes that meet; the next try sees who won. */
const MAX_CONFLICTS = 5;

/** Null where the key is taken, or the upload is gone because its completion went through before. */
export async function unlessTaken<T>(send: () => Promise<T>): Promise<T | null> {
  for (let conflicts = 0; ; conflicts++) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof S3ServiceException)) throw error;
      const status = error.$metadata.httpStatusCode;
      if (status === 412 || error.name === 'NoSuchUpload') return null;
      if (status !== 409 || conflicts === MAX_CONFLICTS) throw error;
    }
  }
}
