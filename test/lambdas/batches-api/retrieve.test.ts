import { describe, expect, it } from 'vitest';
import type { Batch, LineError } from '../../../core/batch/batch.ts';
import type { FileId } from '../../../core/ids.ts';
import { objectKeys, recordKeys } from '../../../core/keys.ts';
import { NO_TOTALS } from '../../../core/protocol/shard.ts';
import { put } from '../../../core/records.ts';
import { leaseOf, PLAN_SUMMARY } from '../../core/protocol/samples.ts';
import { ACME, batchesRig, errorOf, refusal } from './rig.ts';

const PLAN = { ...PLAN_SUMMARY, fleetId: 'small' as typeof PLAN_SUMMARY.fleetId, shards: 2, lines: 20 };
const OVER: Batch['phase'] = {
  kind: 'over',
  as: 'completed',
  outputFileId: 'file-out' as FileId,
  errorFileId: null,
  manifestKey: 'manifest',
  totals: { ...NO_TOTALS, completed: 18, failed: 2, inputTokens: 100, cachedTokens: 60, outputTokens: 50 },
};
const missing = (id: string) => refusal(404, `No batch found with id '${id}'.`, null, null);

describe('GET /v1/batches/{batch_id}', () => {
  it('counts over the Shards while it is open', async () => {
    const rig = batchesRig();
    const batch = await rig.has({ phase: { kind: 'enrolled' }, plan: PLAN });
    const until = rig.clock.nowMs() + 1000;
    await rig.hasShard(batch, 0, {
      state: 'settled',
      totals: { ...NO_TOTALS, completed: 9, failed: 1, inputTokens: 70, outputTokens: 7 },
      attempts: 2,
      pastLeaseMs: { spot: 3_600_000, onDemand: 0 },
    });
    await rig.hasShard(batch, 1, {
      totals: { ...NO_TOTALS, completed: 3, inputTokens: 30, cachedTokens: 20, outputTokens: 3 },
      attempts: 1,
      lease: leaseOf(until),
      currentLeaseMs: { spot: 0, onDemand: 1_800_000 },
    });
    expect(await rig.clientOf('acme').batches.retrieve(batch.id)).toMatchObject({
      status: 'in_progress',
      model: PLAN.model,
      request_counts: { total: 20, completed: 12, failed: 1 },
      usage: {
        input_tokens: 100,
        input_tokens_details: { cached_tokens: 20 },
        output_tokens: 10,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 110,
      },
      output_file_id: null,
      slackline: {
        waiting: null,
        fleet: 'small',
        shards: { total: 2, settled: 1, attempts: 3 },
        task_seconds: { spot: 3600, on_demand: 1800 },
        cost_usd: { spot: 0.5, on_demand: 0.5 },
        // 100 tokens at 0.5 and 10 at 2 US dollars a million.
        list_price_usd: 0.00007,
        manifest: null,
      },
    });
  });

  it('tells the Tasks of its Fleet, and nothing of the Deadlines of other tenants', async () => {
    const rig = batchesRig();
    const batch = await rig.has({ phase: { kind: 'enrolled' }, plan: PLAN });
    await rig.hasShard(batch, 0, {});
    await rig.records.change(recordKeys.fleetSummary(PLAN.fleetId), () =>
      put(
        {
          fleetId: PLAN.fleetId,
          atMs: 0,
          spot: { starting: 0, running: 2 },
          onDemand: { starting: 1, running: 0 },
          spotStartingSinceMs: null,
          quotaIsZero: false,
          spotIsExhausted: false,
          isHeldBack: false,
          lastTaskFailed: false,
          order: ['batch_other'],
          slackMs: -1500,
        },
        undefined,
      ),
    );
    const shown = await rig.clientOf('acme').batches.retrieve(batch.id);
    expect(shown).toMatchObject({
      slackline: {
        waiting: 'behind_other_batches',
        tasks: { spot: { starting: 0, running: 2 }, on_demand: { starting: 1, running: 0 } },
      },
    });
    expect(JSON.stringify(shown)).not.toMatch(/slack_|1500|batch_other/);
  });

  it('shows the files, totals and manifest once it is over, whatever the Shards say', async () => {
    const rig = batchesRig();
    const times = { completedAtMs: rig.clock.nowMs() + 999 };
    const batch = await rig.has({ phase: OVER, plan: PLAN, times });
    await rig.hasShard(batch, 0, { state: 'closed', totals: { ...NO_TOTALS, completed: 1 } });
    expect(await rig.clientOf('acme').batches.retrieve(batch.id)).toMatchObject({
      status: 'completed',
      completed_at: batch.createdAtMs / 1000,
      output_file_id: 'file-out',
      error_file_id: null,
      request_counts: { total: 20, completed: 18, failed: 2 },
      usage: { input_tokens: 100, input_tokens_details: { cached_tokens: 60 }, total_tokens: 150 },
      slackline: { manifest: `/v1/batches/${batch.id}/manifest` },
    });
  });

  it('shows all errors of a failed Batch', async () => {
    const rig = batchesRig();
    const errors = Array.from(
      { length: 1000 },
      (_, i): LineError => ({ code: 'c', message: 'm', param: null, line: i + 1 }),
    );
    rig.objects.put('errors', Buffer.from(JSON.stringify(errors)));
    const failed = { kind: 'over', as: 'failed' } as const;
    const batch = await rig.has({ phase: failed, errorsKey: 'errors' });
    expect(await rig.clientOf('acme').batches.retrieve(batch.id)).toMatchObject({
      status: 'failed',
      errors: { object: 'list', data: errors },
      slackline: { manifest: null },
    });
  });

  it('does not find a Batch of another tenant, and says so as of one that never was', async () => {
    const rig = batchesRig();
    const { id } = await rig.has({ phase: OVER, plan: PLAN });
    for (const path of [`/batches/${id}`, `/batches/${id}/manifest`]) {
      expect(await errorOf(rig.call(path, {}, 'other'))).toEqual(missing(id));
    }
    const post = { method: 'POST' };
    expect(await errorOf(rig.call(`/batches/${id}/cancel`, post, 'other'))).toEqual(missing(id));
    expect(await errorOf(rig.call('/batches/batch_none'))).toEqual(missing('batch_none'));
  });
});

it('looks nothing up under an id longer than the store takes', async () => {
  const rig = batchesRig();
  rig.records.read = () => Promise.reject(new Error('The sort key has more than 1,024 bytes.'));
  const id = `batch_${'0'.repeat(1100)}`;
  expect(await errorOf(rig.call(`/batches/${id}`))).toEqual(missing(id));
});

describe('GET /v1/batches/{batch_id}/manifest', () => {
  it('answers the manifest of a Batch that has ended', async () => {
    const rig = batchesRig();
    const batch = await rig.has({ phase: OVER, plan: PLAN });
    rig.objects.put('manifest', Buffer.from('{"version":1}\n'));
    const answer = await rig.call(`/batches/${batch.id}/manifest`);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toEqual({ version: 1 });
  });

  it.each([
    ['in_progress', { kind: 'enrolled' }],
    ['failed', { kind: 'over', as: 'failed' }],
  ] as const)('is not there for one that is %s', async (status, phase) => {
    const rig = batchesRig();
    const { id } = await rig.has({ phase, plan: PLAN });
    rig.objects.put(objectKeys.manifest(ACME, id), Buffer.from('{}'));
    const message = `Batch '${id}' has no manifest: its status is '${status}', and a manifest is made for a batch that ends as 'completed', 'expired' or 'cancelled'.`;
    expect(await errorOf(rig.call(`/batches/${id}/manifest`))).toEqual(refusal(404, message, null, null));
  });
});
