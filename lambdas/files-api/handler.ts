import { toFileObject } from '../../core/wire/file.ts';
import type { Routes } from '../http.ts';
import { json } from '../http-answer.ts';
import { createFile } from './create-file.ts';
import { deleteFile } from './delete-file.ts';
import type { FilesDeps } from './deps.ts';
import { fileContent } from './file-content.ts';
import { listFiles } from './list-files.ts';
import { liveFile } from './live-file.ts';

export const filesApi = (deps: FilesDeps): Routes => ({
  'POST /v1/files': createFile(deps),
  'GET /v1/files': listFiles(deps),
  'GET /v1/files/{file_id}': async (request) => json(toFileObject(await liveFile(deps, request))),
  'DELETE /v1/files/{file_id}': deleteFile(deps),
  'GET /v1/files/{file_id}/content': fileContent(deps),
});
