import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { CompleteResult, PresignedPut, Presigner } from '../../core/batch/presigner.ts';
import { abortUpload, isGone, type MultipartUpload } from './abort-upload.ts';
import { unlessTaken } from './conditional-write.ts';

/** As long as an Upload lives. */
const PUT_SECONDS = 3600;
/** A redirect is followed at once; a slow download that has begun goes on. */
const GET_SECONDS = 300;

/**
 * A client to presign with. By default the SDK signs the checksum of an empty body into a presigned PUT, and S3
 * then refuses the real one.
 */
export const presigningClient = (): S3Client => new S3Client({ requestChecksumCalculation: 'WHEN_REQUIRED' });

/** Presigned URLs of one bucket; `client` from `presigningClient`. */
export function s3Presigner(client: S3Client, bucket: string): Presigner {
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  return {
    async put(key, sizeBytes) {
      const headers = { 'if-none-match': '*', 'content-length': String(sizeBytes) };
      const command = new PutObjectCommand({ ...at(key), ContentLength: sizeBytes, IfNoneMatch: '*' });
      return { url: await getSignedUrl(client, command, putWith(headers)), headers };
    },
    get: (key, filename) =>
      getSignedUrl(
        client,
        new GetObjectCommand({ ...at(key), ResponseContentDisposition: attachment(filename) }),
        { expiresIn: GET_SECONDS },
      ),
    async createMultipart(key) {
      const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand(at(key)));
      return UploadId;
    },
    async part(key, UploadId, { number: PartNumber, sizeBytes }) {
      const headers = { 'content-length': String(sizeBytes) };
      const part = { UploadId, PartNumber, ContentLength: sizeBytes };
      const command = new UploadPartCommand({ ...at(key), ...part });
      return { url: await getSignedUrl(client, command, putWith(headers)), headers };
    },
    completeMultipart: (key, UploadId, parts) => completeMultipart(client, { ...at(key), UploadId }, parts),
    abortMultipart: (key, UploadId) => abortUpload(client, { ...at(key), UploadId }),
  };
}

/** Signs these headers, so that the URL holds for requests with the very same; names in lower case. */
function putWith(headers: PresignedPut['headers']) {
  const signed = new Set(Object.keys(headers));
  return { expiresIn: PUT_SECONDS, signableHeaders: signed, unhoistableHeaders: signed };
}

async function completeMultipart(
  client: S3Client,
  upload: MultipartUpload,
  parts: number,
): Promise<CompleteResult> {
  const Parts = await uploadedParts(client, upload);
  if (Parts === null) return 'gone';
  if (Parts.length < parts) return 'incomplete';
  const completed = await unlessTaken(() =>
    client.send(
      new CompleteMultipartUploadCommand({ ...upload, IfNoneMatch: '*', MultipartUpload: { Parts } }),
    ),
  );
  return completed === null ? 'gone' : 'completed';
}

async function uploadedParts(client: S3Client, upload: MultipartUpload): Promise<CompletedPart[] | null> {
  const parts: CompletedPart[] = [];
  let PartNumberMarker: string | undefined;
  try {
    do {
      const page = await client.send(
        new ListPartsCommand({ ...upload, ...(PartNumberMarker && { PartNumberMarker }) }),
      );
      for (const { PartNumber, ETag } of page.Parts ?? []) parts.push({ PartNumber, ETag });
      PartNumberMarker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
    } while (PartNumberMarker !== undefined);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
  return parts;
}

/** RFC 6266: a plain name for old clients, the true one in UTF-8. */
function attachment(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(filename)}`;
}
