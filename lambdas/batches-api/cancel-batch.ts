import type { Batch } from '../../core/batch/batch.ts';
import { recordKeys } from '../../core/keys.ts';
import { cancel } from '../../core/protocol/ending.ts';
import { wakeLifecycle } from '../../core/protocol/wake-lifecycle.ts';
import { statusOf } from '../../core/wire/batch.ts';
import { RejectRequest } from '../../core/wire/reject-request.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import type { CreateDeps } from './create-batch.ts';
import { findBatch } from './find-batch.ts';
import { viewBatch } from './view-batch.ts';

/** `POST /v1/batches/{batch_id}/cancel`: repeated, it answers the Batch as it is. */
export const cancelBatch =
  (deps: CreateDeps): ApiHandler =>
  async (request) => {
    const { tenant, id } = await findBatch(deps, request);
    const key = recordKeys.batch(tenant, id);
    const result = await deps.records.change(key, (batch) => cancel(batch, deps.clock.nowMs()));
    const batch = await findBatch(deps, request);
    if (result === 'over' && statusOf(batch) !== 'cancelled') throw alreadyOver(batch);
    deps.log('A Batch is asked to end.', { tenant, batchId: id, requestId: request.requestId, result });
    // Also where it was closing before: the wake of the cancel that wrote this may have failed.
    if (result === 'closing') await wakeLifecycle(deps, { tenant, batchId: id });
    return json(await viewBatch(deps, batch));
  };

/** The SDKs would repeat a 409: no use here. */
const alreadyOver = (batch: Batch): RejectRequest =>
  new RejectRequest({
    status: 409,
    message: `Cannot cancel a batch with status '${statusOf(batch)}'.`,
    retry: false,
  });
