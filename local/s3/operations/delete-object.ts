import { readWriteCondition } from '../preconditions.ts';
import { sendEmpty } from '../respond.ts';
import type { Operation } from './operation.ts';

export const deleteObject: Operation = (call, store) => {
  store.objects.delete(call.bucket, call.key, readWriteCondition(call));
  sendEmpty(call.response, 204);
};
