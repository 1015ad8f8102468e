import type { Upload } from '../../core/batch/file.ts';
import { isExpired } from '../../core/batch/upload.ts';
import { isIdOf, type UploadId } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import { badRequest, type RejectRequest } from '../../core/wire/reject-request.ts';
import { noSuchUpload } from '../../core/wire/upload.ts';
import type { ApiRequest } from '../http-request.ts';
import type { UploadsDeps } from './deps.ts';

/** The Upload in the path, of the caller's tenant; rejects with 404. */
export async function uploadOf({ records }: UploadsDeps, { tenant, path }: ApiRequest): Promise<Upload> {
  const id = path['upload_id'] ?? '';
  const upload = isIdOf('upload_', id) ? await records.read(recordKeys.upload(tenant, id)) : null;
  if (upload === null) throw noSuchUpload(id);
  return upload;
}

/** Rejects what can no longer be added to or ended. */
export function refuseUnlessPending(upload: Upload, nowMs: number): void {
  if (upload.status !== 'pending') throw notPending(upload.id, upload.status);
  if (isExpired(upload, nowMs)) {
    const at = new Date(upload.expiresAtMs).toISOString();
    throw badRequest(
      `Upload ${upload.id} expired at ${at}, an hour after it was created. Create a new Upload and send the bytes again.`,
      'upload_id',
      null,
    );
  }
}

export const notPending = (id: UploadId, status: 'completed' | 'cancelled'): RejectRequest =>
  badRequest(
    `Upload ${id} is ${status} already: only a pending Upload takes parts, completes or is cancelled. Create a new Upload to send other bytes.`,
    'upload_id',
    null,
  );
