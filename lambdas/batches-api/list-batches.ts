import { z } from 'zod';
import type { BatchId, TenantId } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import { mapSome } from '../../core/protocol/each.ts';
import { noSuchBatch, type WireBatch } from '../../core/wire/batch.ts';
import { pageFields, pageOf } from '../../core/wire/list.ts';
import { parseFields } from '../../core/wire/parse-fields.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import { type ViewDeps, viewBatch } from './view-batch.ts';

const listQuery = z.object(pageFields({ defaultLimit: 20, maxLimit: 100, idPrefix: 'batch_' }));

/** Lambda answers 6 MB at most: 100 Batches with all of 1,000 errors each would be four times that. */
const MAX_ERRORS = 10;

/** `GET /v1/batches`: newest first, page by page behind the id `after`. */
export const listBatches =
  (deps: ViewDeps): ApiHandler =>
  async ({ tenant, query }) => {
    const { after, limit } = parseFields(listQuery, query);
    const page = after === undefined ? {} : { afterSk: await sortKeyOf(deps, tenant, after) };
    const range = recordKeys.batches(tenant);
    const found = await deps.records.query(range, { descending: true, limit: limit + 1, ...page });
    const { data, has_more } = pageOf(found, limit);
    const shown = await mapSome(data, async (batch) => shortened(await viewBatch(deps, batch)));
    return json({ ...pageOf(shown, limit), has_more });
  };

async function sortKeyOf({ records }: ViewDeps, tenant: TenantId, after: string): Promise<string> {
  const key = recordKeys.batch(tenant, after as BatchId);
  if ((await records.read(key)) === null) throw noSuchBatch(after, 'after');
  return key.sk;
}

/** The Batch with its first errors and, as the last one, where the others are. */
function shortened(batch: WireBatch): WireBatch {
  const errors = batch.errors?.data ?? [];
  if (errors.length <= MAX_ERRORS) return batch;
  const more = errors.slice(MAX_ERRORS).filter(({ code }) => code !== 'more_errors').length;
  const message = `${more} more errors are listed by GET /v1/batches/${batch.id}.`;
  const note = { code: 'more_errors', message, param: null, line: null };
  return { ...batch, errors: { object: 'list', data: [...errors.slice(0, MAX_ERRORS), note] } };
}
