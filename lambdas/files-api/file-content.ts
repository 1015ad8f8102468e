import { objectKeys } from '../../core/keys.ts';
import { noSuchFile } from '../../core/wire/file.ts';
import type { ApiHandler } from '../http.ts';
import type { FilesDeps } from './deps.ts';
import { liveFile } from './live-file.ts';

/** Lambda answers with 6 MB at most, and base64 makes 5.6 MB of this. */
const MAX_INLINE_BYTES = 4 * 1024 * 1024;

/** `GET /v1/files/{file_id}/content`: the bytes, or, where they are many, the way to them. */
export const fileContent =
  (deps: FilesDeps): ApiHandler =>
  async (request) => {
    const { tenant, id, sizeBytes, filename } = await liveFile(deps, request);
    const key = objectKeys.file(tenant, id);
    if (sizeBytes > MAX_INLINE_BYTES) {
      return { kind: 'redirect', location: await deps.presigner.get(key, filename) };
    }
    const body = await deps.objects.get(key);
    // Deleted since the record was read.
    if (body === null) throw noSuchFile(id);
    return { kind: 'bytes', body, headers: downloadHeaders(filename) };
  };

/** Never a type that a browser would run: the bytes are anyone's. */
const downloadHeaders = (filename: string) => ({
  'content-type': 'application/octet-stream',
  'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename.toWellFormed())}`,
});
