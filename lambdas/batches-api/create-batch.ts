import { createHash } from 'node:crypto';
import type { Batch } from '../../core/batch/batch.ts';
import { type BatchId, newId, type TenantId } from '../../core/ids.ts';
import { type Idempotency, recordKeys } from '../../core/keys.ts';
import type { Executions } from '../../core/ports.ts';
import { createBatch } from '../../core/protocol/create-batch.ts';
import { startLifecycle } from '../../core/protocol/start-execution.ts';
import { type Change, keep, put } from '../../core/records.ts';
import { type CreateBatch, parseCreateBatch } from '../../core/wire/create-batch-request.ts';
import { RejectRequest } from '../../core/wire/reject-request.ts';
import type { ApiHandler } from '../http.ts';
import { json } from '../http-answer.ts';
import { jsonBody } from '../http-request.ts';
import { type ViewDeps, viewBatch } from './view-batch.ts';

export interface CreateDeps extends ViewDeps {
  readonly executions: Executions;
  readonly randomHex: () => string;
  readonly warn: (message: string, fields: { readonly batchId: string; readonly error: Error }) => void;
}

/** A day: as long as a client may go on to retry one create. */
const IDEMPOTENCY_MS = 24 * 60 * 60_000;

/** `POST /v1/batches`. An unknown input File is intake's to report, as OpenAI does: the Batch ends in `failed`. */
export const createBatchHandler =
  (deps: CreateDeps): ApiHandler =>
  async (request) => {
    const fields = parseCreateBatch(jsonBody(request));
    const id = await batchIdFor(deps, request.tenant, request.headers['idempotency-key'], fields);
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

/** A new id, or the one that an earlier request with the same `Idempotency-Key` got. */
async function batchIdFor(
  deps: CreateDeps,
  tenant: TenantId,
  idempotencyKey: string | undefined,
  fields: CreateBatch,
): Promise<BatchId> {
  const nowMs = deps.clock.nowMs();
  const batchId = newId<BatchId>('batch_', nowMs, deps.randomHex());
  if (idempotencyKey === undefined || idempotencyKey === '') return batchId;
  const fresh = { batchId, fingerprint: sha256(JSON.stringify(fields)), forgetAtMs: nowMs + IDEMPOTENCY_MS };
  const key = recordKeys.idempotency(tenant, sha256(idempotencyKey));
  const standing = await deps.records.change(key, (seen) => firstOf(seen, fresh, nowMs));
  if (standing.fingerprint === fresh.fingerprint) return standing.batchId;
  throw new RejectRequest({
    status: 400,
    message:
      'This Idempotency-Key was used for a batch with other parameters. Send a new key for a new batch.',
    param: 'Idempotency-Key',
    code: 'idempotency_key_reused',
  });
}

const firstOf = (
  seen: Idempotency | null,
  fresh: Idempotency,
  nowMs: number,
): Change<Idempotency, Idempotency> =>
  seen !== null && seen.forgetAtMs > nowMs ? keep(seen) : put(fresh, fresh);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
