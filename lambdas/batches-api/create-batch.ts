import type { Batch } from '../../core/batch/batch.ts';
import type { BatchId } from '../../core/ids.ts';
import type { Metrics } from '../../core/metrics.ts';
import type { Executions } from '../../core/ports.ts';
import { createBatch } from '../../core/protocol/create-batch.ts';
import { startLifecycle } from '../../core/protocol/start-execution.ts';
import { type CreateBatch, parseCreateBatch } from '../../core/wire/create-batch-request.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import { type ApiRequest, jsonBody } from '../http-request.ts';
import type { Log } from '../log.ts';
import { batchIdFor } from './idempotency.ts';
import { type ViewDeps, viewBatch } from './view-batch.ts';

export interface CreateDeps extends ViewDeps {
  readonly executions: Executions;
  readonly randomHex: () => string;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly warn: (message: string, fields: { readonly batchId: string; readonly error: Error }) => void;
}

/** `POST /v1/batches`. An unknown input File is intake's to report, as OpenAI does: the Batch ends in `failed`. */
export const createBatchHandler =
  (deps: CreateDeps): ApiHandler =>
  async (request) => {
    const served = deps.catalogue.fleets.flatMap(({ endpoints }) => endpoints);
    const fields = parseCreateBatch(jsonBody(request), served);
    const id = await batchIdFor(deps, request, fields);
    const batch = await createBatch(
      deps.records,
      newBatch(request, fields, { id, nowMs: deps.clock.nowMs() }),
    );
    if (batch.generation === 0) await start(deps, batch);
    note(deps, request, batch);
    return json(await viewBatch(deps, batch));
  };

/** A request that comes again finds the Batch of the first. */
function note({ metrics, log }: CreateDeps, { requestId }: ApiRequest, batch: Batch): void {
  const { tenant, id: batchId, inputFileId } = batch;
  const isNew = batch.requestId === requestId;
  if (isNew) metrics.emit({ BatchesCreated: 1 });
  log(isNew ? 'A Batch is created.' : 'A Batch is there already.', {
    ...{ tenant, batchId, requestId, inputFileId },
  });
}

/** Where the start fails the Batch stands all the same, and the sweeper starts it: an error would make two. */
async function start(deps: CreateDeps, { tenant, id: batchId }: Batch): Promise<void> {
  try {
    await startLifecycle(deps, { tenant, batchId }, 0);
  } catch (error) {
    deps.warn('lifecycle not started, left to the sweeper', { batchId, error: error as Error });
  }
}

function newBatch(
  request: ApiRequest,
  fields: CreateBatch,
  { id, nowMs }: { readonly id: BatchId; readonly nowMs: number },
): Batch {
  const { tenant, requestId } = request;
  const { inputFileId, endpoint, completionWindow, metadata, outputExpiresAfterSeconds } = fields;
  return {
    tenant,
    id,
    endpoint,
    inputFileId,
    inputEtag: null,
    completionWindow,
    requestId,
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
