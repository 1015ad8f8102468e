import type { Batch } from '../batch/batch.ts';
import { objectKeys } from '../keys.ts';
import type { Objects } from '../ports.ts';

export type OpenedInput =
  | { readonly kind: 'open'; readonly bytes: AsyncIterable<Uint8Array> }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'modified' };

/** Opens the input object, pinned to the ETag that the Batch was created with. Throws where the store fails. */
export async function openInput(objects: Objects, batch: Batch): Promise<OpenedInput> {
  const { inputEtag } = batch;
  if (inputEtag === null) return { kind: 'not-found' };
  const key = objectKeys.file(batch.tenant, batch.inputFileId);
  try {
    const bytes = await objects.stream(key, inputEtag);
    return bytes === null ? { kind: 'not-found' } : { kind: 'open', bytes };
  } catch (error) {
    const stored = await objects.head(key);
    if (stored !== null && stored.etag !== inputEtag) return { kind: 'modified' };
    throw error;
  }
}
