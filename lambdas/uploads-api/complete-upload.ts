import type { StoredFile, Upload } from '../../core/batch/file.ts';
import { type CompleteResult, completeUpload as completeRecords } from '../../core/batch/upload.ts';
import { recordKeys } from '../../core/keys.ts';
import type { RecordKey } from '../../core/records.ts';
import { parseFields } from '../../core/wire/parse-fields.ts';
import { completeUploadBody, noSuchUpload, toUploadObject } from '../../core/wire/upload.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import { type ApiRequest, jsonBody } from '../http-request.ts';
import { clearUpload } from './clear-upload.ts';
import type { UploadsDeps } from './deps.ts';
import { joinParts, type PartsToJoin } from './join-parts.ts';
import { notPending, refuseUnlessPending, uploadOf } from './pending-upload.ts';
import { takePresigned } from './take-presigned.ts';

/** `POST /v1/uploads/{upload_id}/complete`: makes the File; once completed, the answer stays the same. */
export const completeUpload =
  (deps: UploadsDeps): ApiHandler =>
  async (request) => {
    const { part_ids, md5 } = parseFields(completeUploadBody, jsonBody(request));
    const upload = await uploadOf(deps, request);
    const result = await complete(deps, request, { upload, parts: { partIds: part_ids, md5 } });
    switch (result.kind) {
      case 'gone':
        throw noSuchUpload(upload.id);
      case 'cancelled':
        throw notPending(upload.id, 'cancelled');
      case 'completed':
        await clearUpload(deps, result.upload);
        return json(toUploadObject(result.upload, deps.clock.nowMs(), result.file));
      default:
        return result satisfies never;
    }
  };

interface Completion {
  readonly upload: Upload;
  readonly parts: PartsToJoin;
}

async function complete(
  deps: UploadsDeps,
  request: ApiRequest,
  { upload, parts }: Completion,
): Promise<CompleteResult> {
  if (upload.status === 'completed') return commit(deps, upload, '');
  refuseUnlessPending(upload, deps.clock.nowMs());
  try {
    return await commit(deps, upload, await storedEtag(deps, upload, parts));
  } catch (error) {
    // The same call twice at a time: the other one has completed the Upload and cleared its parts under this one.
    if ((await uploadOf(deps, request)).status === 'completed') return commit(deps, upload, '');
    throw error;
  }
}

const storedEtag = (deps: UploadsDeps, upload: Upload, parts: PartsToJoin): Promise<string> =>
  parts.partIds.length > 0 ? joinParts(deps.objects, upload, parts) : takePresigned(deps, upload, parts.md5);

/** Upload and File in one transaction; of an Upload that is completed, what stands. */
function commit(
  { records, clock, retention }: UploadsDeps,
  upload: Upload,
  etag: string,
): Promise<CompleteResult> {
  const { tenant, id, fileId } = upload;
  const keys = [recordKeys.upload(tenant, id), recordKeys.file(tenant, fileId)] as RecordKey<unknown>[];
  const bytes = { etag, nowMs: clock.nowMs(), retention };
  return records.changeAll(keys, ([current, file]) =>
    completeRecords([(current ?? null) as Upload | null, (file ?? null) as StoredFile | null], bytes),
  );
}
