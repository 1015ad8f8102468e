import type { Upload } from '../../core/batch/file.ts';
import { objectKeys } from '../../core/keys.ts';
import type { UploadsDeps } from './deps.ts';

/** Removes what an Upload that has ended leaves: its parts, and the multipart upload that nobody will complete. */
export async function clearUpload({ objects, presigner }: UploadsDeps, upload: Upload): Promise<void> {
  const { tenant, id, fileId, transfer } = upload;
  const parts = await objects.list(objectKeys.uploadPart(tenant, id, ''));
  if (parts.length > 0) await objects.remove(parts.map(({ key }) => key));
  if (transfer.kind === 'multipart') {
    await presigner.abortMultipart(objectKeys.file(tenant, fileId), transfer.s3UploadId);
  }
}
