import type { Routes } from '../http.ts';
import { json } from '../http-answer.ts';
import { batchManifest } from './batch-manifest.ts';
import { cancelBatch } from './cancel-batch.ts';
import { type CreateDeps, createBatchHandler } from './create-batch.ts';
import { findBatch } from './find-batch.ts';
import { listBatches } from './list-batches.ts';
import { listModels } from './list-models.ts';
import { showVersion, type VersionDeps } from './show-version.ts';
import { viewBatch } from './view-batch.ts';

export const batchesApi = (deps: CreateDeps & VersionDeps): Routes => ({
  'GET /v1/version': showVersion(deps),
  'GET /v1/models': listModels(deps),
  'POST /v1/batches': createBatchHandler(deps),
  'GET /v1/batches': listBatches(deps),
  'GET /v1/batches/{batch_id}': async (request) =>
    json(await viewBatch(deps, await findBatch(deps, request))),
  'GET /v1/batches/{batch_id}/manifest': batchManifest(deps),
  'POST /v1/batches/{batch_id}/cancel': cancelBatch(deps),
});
