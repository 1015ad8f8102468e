import { batchFileFault, batchFilenameFault, filenameFor } from '../../core/batch/batch-file.ts';
import type { StoredFile } from '../../core/batch/file.ts';
import { fileExpiry } from '../../core/batch/file-life.ts';
import { type FileId, newId } from '../../core/ids.ts';
import { objectKeys, recordKeys } from '../../core/keys.ts';
import { keep, put } from '../../core/records.ts';
import { createFileFields, toFileObject } from '../../core/wire/file.ts';
import { parseFields } from '../../core/wire/parse-fields.ts';
import { badRequest } from '../../core/wire/reject-request.ts';
import { refuseLargeBody } from '../body-limit.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import { multipartForm } from '../multipart-form.ts';
import type { FilesDeps } from './deps.ts';

const LARGE_FILES =
  'For larger files call POST /v1/uploads: its answer holds presigned upload URLs for up to 8 GB, and the SDKs can send parts of 4 MiB (uploads.parts.create; in Python upload_file_chunked(part_size=4 * 1024 * 1024)).';

/** `POST /v1/files`: the bytes first, then the record, so that a File that is shown is there. */
export const createFile =
  (deps: FilesDeps): ApiHandler =>
  async (request) => {
    refuseLargeBody(request.body, LARGE_FILES);
    const form = await multipartForm(request, 'file');
    const { purpose, expires_after } = parseFields(createFileFields, nested(form.fields));
    const filename = filenameFor(purpose, form.file.filename);
    const { body } = form.file;
    const fault = purpose === 'batch' ? (batchFilenameFault(filename) ?? batchFileFault(body)) : null;
    if (fault !== null) throw badRequest(fault, 'file', null);
    const nowMs = deps.clock.nowMs();
    const id = newId<FileId>('file-', nowMs, deps.randomHex());
    const stored = await storeFile(deps, body, {
      ...{ tenant: request.tenant, id, filename, purpose, createdAtMs: nowMs },
      ...fileExpiry(purpose, { nowMs, lifeSeconds: expires_after?.seconds, retention: deps.retention }),
      pinnedBy: [],
    });
    return json(toFileObject(stored));
  };

async function storeFile(
  { records, objects }: FilesDeps,
  body: Uint8Array,
  described: Omit<StoredFile, 'sizeBytes' | 'etag'>,
): Promise<StoredFile> {
  const { tenant, id } = described;
  const key = objectKeys.file(tenant, id);
  const answer = await objects.putOnce(key, body);
  const info = await objects.head(key);
  if (answer === 'taken' || info === null)
    throw new Error(`The object of the new File ${id} was not stored.`);
  const file: StoredFile = { ...described, sizeBytes: info.sizeBytes, etag: info.etag };
  return records.change(recordKeys.file(tenant, id), (current) =>
    current === null ? put(file, file) : keep(current),
  );
}

/** `expires_after[seconds]` → `{expires_after: {seconds}}`: how the SDKs write objects into a form. */
function nested(fields: Readonly<Record<string, string>>): Record<string, unknown> {
  const nest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const [, outer, inner] = /^([^[\]]+)\[([^[\]]+)\]$/.exec(name) ?? [];
    if (outer === undefined || inner === undefined) nest[name] = value;
    else nest[outer] = { ...(nest[outer] as object | undefined), [inner]: value };
  }
  return nest;
}
