import { batchFilenameFault, filenameFor } from '../../core/batch/batch-file.ts';
import type { Upload, UploadTransfer } from '../../core/batch/file.ts';
import { presignedParts, UPLOAD_LIFE_MS, UPLOAD_MEMORY_MS } from '../../core/batch/upload.ts';
import { type FileId, newId, type UploadId } from '../../core/ids.ts';
import { objectKeys, recordKeys } from '../../core/keys.ts';
import { keep, put } from '../../core/records.ts';
import { parseFields } from '../../core/wire/parse-fields.ts';
import { badRequest } from '../../core/wire/reject-request.ts';
import { createUploadBody, type DirectUpload, toUploadObject } from '../../core/wire/upload.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import { jsonBody } from '../http-request.ts';
import type { UploadsDeps } from './deps.ts';

/** `POST /v1/uploads`: OpenAI's Upload, with the presigned way as its field `slackline`. */
export const createUpload =
  (deps: UploadsDeps): ApiHandler =>
  async (request) => {
    const { tenant } = request;
    const fields = parseFields(createUploadBody, jsonBody(request));
    const filename = filenameFor(fields.purpose, fields.filename);
    const fault = fields.purpose === 'batch' ? batchFilenameFault(filename) : null;
    if (fault !== null) throw badRequest(fault, 'filename', null);
    const nowMs = deps.clock.nowMs();
    const fileId = newId<FileId>('file-', nowMs, deps.randomHex());
    const lifeSeconds = fields.expires_after?.seconds;
    const created: Upload = {
      ...{ tenant, id: newId<UploadId>('upload_', nowMs, deps.randomHex()), fileId, filename },
      purpose: fields.purpose,
      sizeBytes: fields.bytes,
      mimeType: fields.mime_type,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + UPLOAD_LIFE_MS,
      ...(lifeSeconds === undefined ? {} : { fileExpiresAfterSeconds: lifeSeconds }),
      transfer: await openTransfer(deps, objectKeys.file(tenant, fileId), fields.bytes),
      status: 'pending',
      forgetAtMs: nowMs + UPLOAD_MEMORY_MS,
    };
    const upload = await deps.records.change(recordKeys.upload(tenant, created.id), (current) =>
      current === null ? put(created, created) : keep(current),
    );
    return json({ ...toUploadObject(upload, nowMs, null), slackline: await directUpload(deps, upload) });
  };

async function openTransfer(
  { presigner }: UploadsDeps,
  key: string,
  sizeBytes: number,
): Promise<UploadTransfer> {
  const parts = presignedParts(sizeBytes);
  if (parts === null) return { kind: 'put' };
  return { kind: 'multipart', s3UploadId: await presigner.createMultipart(key), ...parts };
}

async function directUpload({ presigner }: UploadsDeps, upload: Upload): Promise<DirectUpload> {
  const { tenant, fileId, sizeBytes, transfer } = upload;
  const key = objectKeys.file(tenant, fileId);
  switch (transfer.kind) {
    case 'put':
      return { put: await presigner.put(key, sizeBytes) };
    case 'multipart': {
      const { s3UploadId, partBytes, parts } = transfer;
      const numbers = Array.from({ length: parts }, (_, i) => i + 1);
      const signed = numbers.map(async (number) => {
        const bytes = Math.min(partBytes, sizeBytes - (number - 1) * partBytes);
        const put = await presigner.part(key, s3UploadId, { number, sizeBytes: bytes });
        return { part_number: number, ...put, bytes };
      });
      return { parts: await Promise.all(signed), part_bytes: partBytes };
    }
    default:
      return transfer satisfies never;
  }
}
