import type { Upload } from '../../core/batch/file.ts';
import { type CancelResult, cancelUpload as cancelRecord } from '../../core/batch/upload.ts';
import { objectKeys, recordKeys } from '../../core/keys.ts';
import { noSuchUpload, toUploadObject } from '../../core/wire/upload.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import { clearUpload } from './clear-upload.ts';
import type { UploadsDeps } from './deps.ts';
import { notPending, refuseUnlessPending, uploadOf } from './pending-upload.ts';

/** `POST /v1/uploads/{upload_id}/cancel`: the record first, so that no File can be made of bytes that are going. */
export const cancelUpload =
  (deps: UploadsDeps): ApiHandler =>
  async (request) => {
    const upload = await uploadOf(deps, request);
    const nowMs = deps.clock.nowMs();
    if (upload.status !== 'cancelled') refuseUnlessPending(upload, nowMs);
    const { tenant, id, fileId } = upload;
    const result = await deps.records.change<Upload, CancelResult>(
      recordKeys.upload(tenant, id),
      cancelRecord,
    );
    switch (result.kind) {
      case 'gone':
        throw noSuchUpload(id);
      case 'completed':
        throw notPending(id, 'completed');
      case 'cancelled':
        await clearUpload(deps, result.upload);
        await deps.objects.remove([objectKeys.file(tenant, fileId)]);
        return json(toUploadObject(result.upload, nowMs, null));
      default:
        return result satisfies never;
    }
  };
