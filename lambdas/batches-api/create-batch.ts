import type { Batch } from '../../core/batch/batch.ts';
import type { BatchId, TenantId } from '../../core/ids.ts';
import type { Executions } from '../../core/ports.ts';
import { createBatch } from '../../core/protocol/create-batch.ts';
import { startLifecycle } from '../../core/protocol/start-execution.ts';
import { type CreateBatch, parseCreateBatch } from '../../core/wire/create-batch-request.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import { jsonBody } from '../http-request.ts';
import { batchIdFor } from './idempotency.ts';
import { type ViewDeps, viewBatch } from './view-batch.ts';

export interface CreateDeps extends ViewDeps {
  readonly executions: Executions;
  readonly randomHex: () => string;
  readonly warn: (message: string, fields: { readonly batchId: string; readonly error: Error }) => void;
}

/** `POST /v1/batches`. An unknown input File is intake's to report, as OpenAI does: the Batch ends in `failed`. */
export const createBatchHandler =
  (deps: CreateDeps): ApiHandler =>
  async (request) => {
    const served = deps.catalogue.fleets.flatMap(({ endpoints }) => endpoints);
    const fields = parseCreateBatch(jsonBody(request), served);
    const id = await batchIdFor(deps, request, fields);
    const batch = await createBatch(deps.records, newBatch(request.tenant, id, fields, deps.clock.nowMs()));
    if (batch.generation === 0) await start(deps, batch);
    return json(await viewBatch(deps, batch));
  };

/** Where the start fails the Batch stands all the same, and the sweeper starts it: an error would make two. */
async function start(deps: CreateDeps, { tenant, id: batchId }: Batch): Promise<void> {
  try {
    await startLifecycle(deps, { tenant, batchId }, 0);
  } catch (error) {
    deps.warn('lifecycle not started, left to the sweeper', { batchId, error: error as Error });
  }
}

function newBatch(tenant: TenantId, id: BatchId, fields: CreateBatch, nowMs: number): Batch {
  const { inputFileId, endpoint, completionWindow, metadata, outputExpiresAfterSeconds } = fields;
  return {
    tenant,
    id,
    endpoint,
    inputFileId,
    inputEtag: null,
    completionWindow,
    createdAtMs: nowMs,
    deadlineMs: nowMs + fields.windowMs,
    metadata,
    ...(outputExpiresAfterSeconds === undefined ? {} : { outputExpiresAfterSeconds }),
    phase: { kind: 'validating' },
    times: {},
    generation: 0,
    waitSeq: 0,
    waiter: null,
    paused: false,
  };
}
