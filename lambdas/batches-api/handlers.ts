import { z } from 'zod';
import type { Batch } from '../../core/batch/batch.ts';
import type { BatchId } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import { cancel } from '../../core/protocol/ending.ts';
import { wakeLifecycle } from '../../core/protocol/wake-lifecycle.ts';
import { statusOf } from '../../core/wire/batch.ts';
import { pageOf } from '../../core/wire/list.ts';
import { parseFields } from '../../core/wire/parse-fields.ts';
import { notFound, RejectRequest } from '../../core/wire/reject-request.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import type { ApiRequest } from '../http-request.ts';
import type { CreateDeps } from './create-batch.ts';
import { type ViewDeps, viewBatch } from './view-batch.ts';

const listQuery = z.object({
  after: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});

async function findBatch({ records }: ViewDeps, { tenant, path }: ApiRequest): Promise<Batch> {
  const id = path['batch_id'] ?? '';
  const batch = await records.read(recordKeys.batch(tenant, id as BatchId));
  if (batch === null) throw notFound(`No batch found with id '${id}'.`);
  return batch;
}

/** `GET /v1/batches/{batch_id}`. */
export const retrieveBatch =
  (deps: ViewDeps): ApiHandler =>
  async (request) =>
    json(await viewBatch(deps, await findBatch(deps, request)));

/** `GET /v1/batches`: newest first, page by page behind the id `after`. */
export const listBatches =
  (deps: ViewDeps): ApiHandler =>
  async ({ tenant, query }) => {
    const { after, limit } = parseFields(listQuery, query);
    const page = after === undefined ? {} : { afterSk: recordKeys.batch(tenant, after as BatchId).sk };
    const range = recordKeys.batches(tenant);
    const found = await deps.records.query(range, { descending: true, limit: limit + 1, ...page });
    const { data, has_more } = pageOf(found, limit);
    const shown = await Promise.all(data.map((batch) => viewBatch(deps, batch)));
    return json({ ...pageOf(shown, limit), has_more });
  };

/** `POST /v1/batches/{batch_id}/cancel`: repeated, it answers the Batch as it is. */
export const cancelBatch =
  (deps: CreateDeps): ApiHandler =>
  async (request) => {
    const { tenant, id, phase } = await findBatch(deps, request);
    const key = recordKeys.batch(tenant, id);
    const result = await deps.records.change(key, (batch) => cancel(batch, deps.clock.nowMs()));
    const batch = await findBatch(deps, request);
    if (result === 'over' && statusOf(batch) !== 'cancelled') throw alreadyOver(batch);
    if (result === 'closing' && phase.kind !== 'closing') await wakeLifecycle(deps, { tenant, batchId: id });
    return json(await viewBatch(deps, batch));
  };

/** The SDKs would repeat a 409: no use here. */
const alreadyOver = (batch: Batch): RejectRequest =>
  new RejectRequest({
    status: 409,
    message: `Cannot cancel a batch with status '${statusOf(batch)}'.`,
    retry: false,
  });

/** `GET /v1/models`: what `body.model` may name. */
export const listModels =
  ({ catalogue }: ViewDeps): ApiHandler =>
  async () =>
    json({
      object: 'list',
      data: catalogue.fleets.map(({ model }) => ({
        id: model,
        object: 'model',
        created: 0,
        owned_by: 'slackline',
      })),
    });
