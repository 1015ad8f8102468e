import { Readable } from 'node:stream';
import {
  HeadObjectCommand,
  NotFound,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ModelUploads } from '../../core/models/ports.ts';
import type { FileDigest } from '../../core/models/repository-file.ts';

const MIB = 1024 * 1024;
/** S3 takes at most this many parts. */
const MAX_PARTS = 10_000;
const PART_BYTES = 16 * MIB;
/** In flight at once for one file; each is in memory. */
const PARTS_AT_ONCE = 3;

/** Puts files into the model bucket on S3. A file's digest stands in its metadata, under the algorithm's name. */
export function s3ModelUploads(client: S3Client, bucket: string): ModelUploads {
  return {
    async holds(key, { bytes, digest }) {
      const head = await explained(bucket, () => headOf(client, { Bucket: bucket, Key: key }));
      return head?.ContentLength === bytes && head.Metadata?.[digest.algorithm] === digest.hex;
    },
    async store(key, { bytes, digest }, body) {
      const upload = new Upload({
        client,
        params: {
          Bucket: bucket,
          Key: key,
          Body: Readable.from(body, { objectMode: false }),
          ContentLength: bytes,
          Metadata: metadataOf(digest),
        },
        partSize: partBytes(bytes),
        queueSize: PARTS_AT_ONCE,
      });
      await explained(bucket, () => upload.done());
    },
    async storeText(key, text) {
      const ContentType = 'application/json';
      const put = new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType });
      await explained(bucket, () => client.send(put));
    },
  };
}

const metadataOf = ({ algorithm, hex }: FileDigest): Record<string, string> => ({ [algorithm]: hex });

/** As small as memory likes it, as large as the number of parts wants it. */
export const partBytes = (fileBytes: number): number =>
  Math.max(PART_BYTES, Math.ceil(fileBytes / MAX_PARTS / MIB) * MIB);

async function headOf(client: S3Client, target: { readonly Bucket: string; readonly Key: string }) {
  try {
    return await client.send(new HeadObjectCommand(target));
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

/** A refused HEAD has no body, so that S3's code for it is lost. */
async function explained<T>(bucket: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    if (error.name === 'NoSuchBucket') {
      throw new Error(`There is no bucket ${bucket}. Check --bucket, AWS_REGION and the credentials.`, {
        cause: error,
      });
    }
    if (error.$metadata.httpStatusCode !== 403) throw error;
    throw new Error(
      `S3 refused access to the bucket ${bucket} (${error.name}). The credentials need s3:GetObject, s3:PutObject, s3:ListBucket and s3:AbortMultipartUpload on it.`,
      { cause: error },
    );
  }
}
