import type { StoredFile } from '../../core/batch/file.ts';
import { isLive } from '../../core/batch/file-life.ts';
import { isIdOf } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import { noSuchFile } from '../../core/wire/file.ts';
import type { ApiRequest } from '../http-request.ts';
import type { FilesDeps } from './deps.ts';

/** The File in the path, of the caller's tenant and not expired; rejects with 404. */
export async function liveFile({ records, clock }: FilesDeps, request: ApiRequest): Promise<StoredFile> {
  const id = request.path['file_id'] ?? '';
  const file = isIdOf('file-', id) ? await records.read(recordKeys.file(request.tenant, id)) : null;
  if (file === null || !isLive(file, clock.nowMs())) throw noSuchFile(id);
  return file;
}
