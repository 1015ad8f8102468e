import { MAX_JOINED_BYTES } from '../../core/batch/upload.ts';
import { newId } from '../../core/ids.ts';
import { objectKeys } from '../../core/keys.ts';
import { badRequest } from '../../core/wire/reject-request.ts';
import { toUploadPart } from '../../core/wire/upload.ts';
import { refuseLargeBody } from '../body-limit.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import { multipartForm } from '../multipart-form.ts';
import type { UploadsDeps } from './deps.ts';
import { refuseUnlessPending, uploadOf } from './pending-upload.ts';

const SMALLER_PARTS =
  'Send parts of at most 4 MiB (in Python upload_file_chunked(part_size=4 * 1024 * 1024)), or the whole file by the presigned upload URLs that POST /v1/uploads answered.';

/** `POST /v1/uploads/{upload_id}/parts`: a part through the API, kept as an object until it is joined. */
export const createPart =
  (deps: UploadsDeps): ApiHandler =>
  async (request) => {
    refuseLargeBody(request.body, SMALLER_PARTS);
    const upload = await uploadOf(deps, request);
    const nowMs = deps.clock.nowMs();
    refuseUnlessPending(upload, nowMs);
    if (upload.sizeBytes > MAX_JOINED_BYTES) {
      throw badRequest(
        `Upload ${upload.id} has ${upload.sizeBytes} bytes, but parts sent through the API are joined up to ${MAX_JOINED_BYTES} bytes (1 GiB). Send the bytes by the presigned upload URLs that POST /v1/uploads answered.`,
        'data',
        null,
      );
    }
    const { file } = await multipartForm(request, 'data');
    const id = newId<string>('part_', nowMs, deps.randomHex());
    const answer = await deps.objects.putOnce(objectKeys.uploadPart(upload.tenant, upload.id, id), file.body);
    if (answer === 'taken') throw new Error(`The object of the new part ${id} was not stored.`);
    return json(toUploadPart(id, upload.id, nowMs));
  };
