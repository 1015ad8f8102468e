import type { Upload } from '../../core/batch/file.ts';
import { objectKeys } from '../../core/keys.ts';
import type { ObjectInfo } from '../../core/ports.ts';
import { badRequest } from '../../core/wire/reject-request.ts';
import type { UploadsDeps } from './deps.ts';

/**
 * Ends a presigned upload and answers the ETag of its object. Rejects where no bytes came, their number is not the
 * Upload's, or their MD5 differs or cannot be told.
 */
export async function takePresigned(deps: UploadsDeps, upload: Upload, md5?: string): Promise<string> {
  const { objects, presigner } = deps;
  const { tenant, id, fileId, sizeBytes, transfer } = upload;
  const key = objectKeys.file(tenant, fileId);
  if (md5 !== undefined && transfer.kind === 'multipart') throw md5Unknown();
  // A retry finds the upload gone and its object there.
  if (transfer.kind === 'multipart') {
    const { s3UploadId, parts } = transfer;
    if ((await presigner.completeMultipart(key, s3UploadId, parts)) === 'incomplete')
      throw partsMissing(upload);
  }
  const info = await objects.head(key);
  if (info === null) {
    throw badRequest(
      `No bytes have come for Upload ${id}. Send them to the presigned upload URLs that POST /v1/uploads answered, or give the part_ids of parts that you sent through the API.`,
      'part_ids',
      null,
    );
  }
  if (info.sizeBytes !== sizeBytes) throw otherSize(upload, info);
  if (md5 !== undefined) compareMd5(md5, info);
  return info.etag;
}

const partsMissing = ({ id }: Upload) =>
  badRequest(
    `Not all parts of Upload ${id} have come. Send the missing ones to their presigned URLs, then complete it again.`,
    null,
    null,
  );

const otherSize = ({ id, sizeBytes }: Upload, info: ObjectInfo) =>
  badRequest(
    `${info.sizeBytes} bytes were stored by the presigned upload, but Upload ${id} was created with bytes = ${sizeBytes}. Stored bytes cannot be replaced: create a new Upload of the right size and send all bytes again.`,
    'bytes',
    null,
  );

const md5Unknown = () =>
  badRequest(
    'md5 cannot be verified for a file that was sent in presigned parts. Leave it out: the store has checked each part.',
    'md5',
    null,
  );

/** Of an object that came in one PUT, under the store's own keys, the ETag is the MD5. */
function compareMd5(md5: string, { etag }: ObjectInfo): void {
  const stored = etag.replaceAll('"', '');
  if (stored === md5.toLowerCase()) return;
  throw badRequest(
    `The stored bytes have the MD5 ${stored}, but md5 = ${md5.toLowerCase()} was given. Create a new Upload and send all bytes again.`,
    'md5',
    null,
  );
}
