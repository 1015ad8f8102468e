import { z } from 'zod';
import type { StoredFile, Upload } from '../batch/file.ts';
import type { PresignedPut } from '../batch/presigner.ts';
import { isExpired, MAX_UPLOAD_BYTES } from '../batch/upload.ts';
import type { UploadId } from '../ids.ts';
import { expiresAfter, type FileObject, filePurpose, toFileObject, unixSeconds } from './file.ts';
import { RejectRequest } from './reject-request.ts';

/** An Upload on the wire (OpenAI `Upload`). */
export interface UploadObject {
  readonly id: string;
  readonly object: 'upload';
  readonly bytes: number;
  readonly created_at: number;
  readonly expires_at: number;
  readonly filename: string;
  readonly purpose: string;
  readonly status: 'pending' | 'completed' | 'cancelled' | 'expired';
  readonly file: FileObject | null;
}

/** Our one field beyond OpenAI's: where the bytes may go straight to the object store. */
export type DirectUpload =
  | { readonly put: PresignedPut }
  | {
      /** `bytes` of each: `part_bytes`, and what is left for the last. */
      readonly parts: readonly (PresignedPut & { readonly part_number: number; readonly bytes: number })[];
      readonly part_bytes: number;
    };

/** The Upload object that every route answers; `file` where the Upload is completed and its File still there. */
export const toUploadObject = (upload: Upload, nowMs: number, file: StoredFile | null): UploadObject => ({
  id: upload.id,
  object: 'upload',
  bytes: upload.sizeBytes,
  created_at: unixSeconds(upload.createdAtMs),
  expires_at: unixSeconds(upload.expiresAtMs),
  filename: upload.filename,
  purpose: upload.purpose,
  status: isExpired(upload, nowMs) ? 'expired' : upload.status,
  file: file && toFileObject(file),
});

/** A part that came through the API (OpenAI `UploadPart`). */
export const toUploadPart = (id: string, uploadId: UploadId, nowMs: number) => ({
  id,
  object: 'upload.part' as const,
  created_at: unixSeconds(nowMs),
  upload_id: uploadId,
});

/** The body of `POST /v1/uploads`. */
export const createUploadBody = z.strictObject({
  filename: z.string().min(1).max(1024),
  purpose: filePurpose,
  bytes: z.number().int().min(1).max(MAX_UPLOAD_BYTES),
  mime_type: z.string().min(1).max(255),
  expires_after: expiresAfter.optional(),
});

/** The body of `POST /v1/uploads/{upload_id}/complete`; no part ids: the bytes went to presigned URLs. */
export const completeUploadBody = z.strictObject({
  part_ids: z.array(z.string().regex(/^part_[0-9a-f]+$/, { error: 'expected ids of parts (part_…).' })),
  md5: z
    .string()
    .regex(/^[0-9a-f]{32}$/i, { error: 'expected the MD5 of the whole file as 32 hex digits.' })
    .optional(),
});

export const noSuchUpload = (id: string): RejectRequest =>
  new RejectRequest({ status: 404, message: `No such Upload object: ${id}`, param: 'id' });
