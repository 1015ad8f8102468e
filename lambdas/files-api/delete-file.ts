import type { StoredFile } from '../../core/batch/file.ts';
import { deleteFile as deleteRecord } from '../../core/batch/file-life.ts';
import type { BatchId } from '../../core/ids.ts';
import { objectKeys, recordKeys } from '../../core/keys.ts';
import { RejectRequest } from '../../core/wire/reject-request.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import type { FilesDeps } from './deps.ts';
import { liveFile } from './live-file.ts';

/** `DELETE /v1/files/{file_id}`: the record first, so that no Batch can pin a File whose bytes are going. */
export const deleteFile =
  (deps: FilesDeps): ApiHandler =>
  async (request) => {
    const { tenant, id } = await liveFile(deps, request);
    const result = await deps.records.change<StoredFile, ReturnType<typeof deleteRecord>['result']>(
      recordKeys.file(tenant, id),
      deleteRecord,
    );
    if (result.kind === 'pinned') throw stillRead(id, result.by);
    await deps.objects.remove([objectKeys.file(tenant, id)]);
    return json({ id, object: 'file', deleted: true });
  };

const stillRead = (id: string, by: readonly BatchId[]): RejectRequest =>
  new RejectRequest({
    status: 409,
    message: `File ${id} cannot be deleted yet: it is the input of ${by.join(', ')}, still validating. Delete it once that Batch is in_progress, or cancel the Batch first.`,
    param: 'id',
    retry: false,
  });
