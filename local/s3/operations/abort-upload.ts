import { sendEmpty } from '../respond.ts';
import type { Operation } from './operation.ts';
import { findUpload } from './upload-part.ts';

export const abortUpload: Operation = (call, store) => {
  store.uploads.abort(findUpload(call, store).id);
  sendEmpty(call.response, 204);
};
