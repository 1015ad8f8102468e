import type { Routes } from '../http.ts';
import { cancelUpload } from './cancel-upload.ts';
import { completeUpload } from './complete-upload.ts';
import { createPart } from './create-part.ts';
import { createUpload } from './create-upload.ts';
import type { UploadsDeps } from './deps.ts';

export const uploadsApi = (deps: UploadsDeps): Routes => ({
  'POST /v1/uploads': createUpload(deps),
  'POST /v1/uploads/{upload_id}/parts': createPart(deps),
  'POST /v1/uploads/{upload_id}/complete': completeUpload(deps),
  'POST /v1/uploads/{upload_id}/cancel': cancelUpload(deps),
});
