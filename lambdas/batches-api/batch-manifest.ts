import { statusOf } from '../../core/wire/batch.ts';
import { notFound } from '../../core/wire/reject-request.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import { findBatch } from './find-batch.ts';
import type { ViewDeps } from './view-batch.ts';

/** `GET /v1/batches/{batch_id}/manifest` (ours): the proof that the files of a Batch hold every id of its input. */
export const batchManifest =
  (deps: Pick<ViewDeps, 'records' | 'objects'>): ApiHandler =>
  async (request) => {
    const batch = await findBatch(deps, request);
    const { phase } = batch;
    if (phase.kind !== 'over' || phase.as === 'failed') {
      throw notFound(
        `Batch '${batch.id}' has no manifest: its status is '${statusOf(batch)}', and a manifest is made for a batch that ends as 'completed', 'expired' or 'cancelled'.`,
      );
    }
    const manifest = await deps.objects.get(phase.manifestKey);
    if (manifest === null)
      throw new Error(`The manifest of batch ${batch.id} is gone from the object store.`);
    return json(JSON.parse(Buffer.from(manifest).toString()));
  };
