import type { Batch } from '../../core/batch/batch.ts';
import { isIdOf } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import { noSuchBatch } from '../../core/wire/batch.ts';
import type { ApiRequest } from '../http-request.ts';
import type { ViewDeps } from './view-batch.ts';

/** The Batch that the path names. Throws 404, the same for one that never was and one of another tenant. */
export async function findBatch(
  { records }: Pick<ViewDeps, 'records'>,
  { tenant, path }: ApiRequest,
): Promise<Batch> {
  const id = path['batch_id'] ?? '';
  const batch = isIdOf('batch_', id) ? await records.read(recordKeys.batch(tenant, id)) : null;
  if (batch === null) throw noSuchBatch(id);
  return batch;
}
