import { createHash } from 'node:crypto';
import { type BatchId, newId } from '../../core/ids.ts';
import { type Idempotency, recordKeys } from '../../core/keys.ts';
import type { Clock, Records } from '../../core/ports.ts';
import { type Change, keep, put } from '../../core/records.ts';
import type { CreateBatch } from '../../core/wire/create-batch-request.ts';
import { RejectRequest } from '../../core/wire/reject-request.ts';
import type { ApiRequest } from '../http-request.ts';

export interface IdempotencyDeps {
  readonly records: Records;
  readonly clock: Clock;
  readonly randomHex: () => string;
}

/** A day: as long as a client may go on to retry one create. */
const KEY_MS = 24 * 60 * 60_000;
/** The SDKs give up a request after ten minutes, and send it again within seconds. */
const TRIES_MS = 10 * 60_000;

/**
 * A new id, or the one that an earlier try of the same create got: one with the same `Idempotency-Key` or, as the
 * openai SDKs send no key but count their tries, the last first try with the same fields. Throws 400 where the key
 * was used with other fields.
 */
export async function batchIdFor(
  deps: IdempotencyDeps,
  { tenant, headers }: ApiRequest,
  fields: CreateBatch,
): Promise<BatchId> {
  const nowMs = deps.clock.nowMs();
  const batchId = newId<BatchId>('batch_', nowMs, deps.randomHex());
  const fingerprint = fingerprintOf(fields);
  const idempotencyKey = headers['idempotency-key'] ?? '';
  if (idempotencyKey !== '') {
    const key = recordKeys.idempotency(tenant, sha256(idempotencyKey));
    const fresh = { batchId, fingerprint, forgetAtMs: nowMs + KEY_MS };
    const standing = await deps.records.change(key, (seen) => firstOf(seen, fresh, nowMs));
    if (standing.fingerprint !== fingerprint) throw keyReused();
    return standing.batchId;
  }
  const retryCount = headers['x-stainless-retry-count'];
  if (retryCount === undefined) return batchId;
  const key = recordKeys.idempotency(tenant, `tries-${fingerprint}`);
  const fresh = { batchId, fingerprint, forgetAtMs: nowMs + TRIES_MS };
  const isRetry = Number(retryCount) > 0;
  const standing = await deps.records.change(key, (seen) =>
    isRetry ? firstOf(seen, fresh, nowMs) : put(fresh, fresh),
  );
  return standing.batchId;
}

const firstOf = (
  seen: Idempotency | null,
  fresh: Idempotency,
  nowMs: number,
): Change<Idempotency, Idempotency> =>
  seen !== null && seen.forgetAtMs > nowMs ? keep(seen) : put(fresh, fresh);

const keyReused = (): RejectRequest =>
  new RejectRequest({
    status: 400,
    message:
      'This Idempotency-Key was used for a batch with other parameters. Send a new key for a new batch.',
    param: 'Idempotency-Key',
    code: 'idempotency_key_reused',
  });

/** The order of metadata says nothing: languages differ in how they keep it. */
function fingerprintOf(fields: CreateBatch): string {
  const metadata = Object.entries(fields.metadata ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify({ ...fields, metadata }));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
