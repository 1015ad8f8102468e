import type { Batch } from '../../../core/batch/batch.ts';
import { type BatchId, type FileId, newId, type TenantId } from '../../../core/ids.ts';
import { recordKeys } from '../../../core/keys.ts';
import type { Metrics, MetricValues } from '../../../core/metrics.ts';
import type { Executions } from '../../../core/ports.ts';
import { newShard, type Shard } from '../../../core/protocol/shard.ts';
import { put, type RecordKey } from '../../../core/records.ts';
import { batchesApi } from '../../../lambdas/batches-api/handler.ts';
import { httpHandler } from '../../../lambdas/http.ts';
import { fleetOf } from '../../core/intake/fixtures.ts';
import { batchOf } from '../../core/protocol/samples.ts';
import { manualClock } from '../../fakes/clock.ts';
import { memoryExecutions } from '../../fakes/executions.ts';
import { memoryObjects } from '../../fakes/objects.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { apiCalls } from '../api-calls.ts';

export const ACME = 'acme' as TenantId;
export const FLEETS = [
  fleetOf({
    adapters: [{ id: 'small-formal', source: 'folder', path: '/adapters/formal' }],
    prices: { inputUsdPerMillionTokens: 0.5, outputUsdPerMillionTokens: 2 },
  }),
  fleetOf({ id: 'small-2gpu' }),
  fleetOf({ id: 'embed', model: 'embed-1', endpoints: ['/v1/embeddings'] }),
];
const GPU_CLASS = {
  id: 'gpu',
  instanceTypes: ['g6.xlarge'] as [string],
  gpusPerInstance: 1,
  maxInstances: { spot: 1, onDemand: 1 },
  usdPerHour: { spot: 0.5, onDemand: 1 },
};
export const BODY = {
  input_file_id: 'file-1',
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
} as const;

const CUT = { objectKey: 's', model: 'small-1', lines: 10, estimatedTokens: 1 };

/** The batches routes over fakes, with the real SDK in front: each call becomes a proxy event. */
export function batchesRig(
  given: { readonly executions?: Partial<Executions>; readonly metrics?: Metrics } = {},
) {
  const records = memoryRecords();
  const objects = memoryObjects();
  const clock = manualClock();
  const executions = memoryExecutions();
  const warnings: string[] = [];
  const emitted: MetricValues[] = [];
  const logged: object[] = [];
  let made = 0;
  let requests = 0;
  // Counts down: only the time in an id may decide its order.
  const randomHex = (): string => (0xffff - made++).toString(16).padStart(20, '0');
  const handler = httpHandler(
    batchesApi({
      ...{ records, objects, clock, randomHex },
      executions: { ...executions, ...given.executions },
      catalogue: { fleets: FLEETS as [(typeof FLEETS)[0]], gpuClasses: [GPU_CLASS] },
      metrics: given.metrics ?? { emit: (values) => void emitted.push(values) },
      log: (message, fields) => void logged.push({ message, ...fields }),
      warn: (message) => void warnings.push(message),
      version: '1.2.3+abc',
    }),
  );
  const { call, clientOf } = apiCalls(handler, () => `req-${++requests}`);
  const write = <T>(key: RecordKey<T>, record: T): Promise<void> =>
    records.change(key, () => put(record, undefined));
  return {
    ...{ records, objects, clock, executions, warnings, emitted, logged, call, clientOf },
    post: (body: unknown, headers: Readonly<Record<string, string>> = {}, tenant: string = ACME) =>
      call('/batches', { method: 'POST', body: JSON.stringify(body), headers }, tenant),
    /** Puts a Batch as it stands, created now. */
    async has(fields: Partial<Batch> = {}): Promise<Batch> {
      const nowMs = clock.nowMs();
      const batch = batchOf({
        tenant: ACME,
        id: newId<BatchId>('batch_', nowMs, randomHex()),
        inputFileId: 'file-1' as FileId,
        createdAtMs: nowMs,
        deadlineMs: nowMs + 24 * 3_600_000,
        ...fields,
      });
      await write(recordKeys.batch(batch.tenant, batch.id), batch);
      return batch;
    },
    async hasShard({ tenant, id: batchId }: Batch, number: number, fields: Partial<Shard>): Promise<void> {
      const shard = newShard({ tenant, batchId, number }, { ...CUT, endpoint: BODY.endpoint });
      await write(recordKeys.shard({ tenant, batchId, number }), { ...shard, ...fields });
    },
  };
}

/** What an answer tells of its error, with all four keys of the body. */
export async function errorOf(answering: Response | Promise<Response>): Promise<Record<string, unknown>> {
  const answer = await answering;
  const { error } = (await answer.json()) as { readonly error: Record<string, unknown> };
  return { status: answer.status, ...error };
}

export const refusal = (status: number, message: string, param: string | null, code: string | null) => ({
  ...{ status, message, type: 'invalid_request_error', param, code },
});
