import { describe, expect, it } from 'vitest';
import type { Batch, BatchPhase } from '../../../core/batch/batch.ts';
import { NO_TOTALS } from '../../../core/protocol/shard.ts';
import { batchesRig, errorOf, refusal } from './rig.ts';

const POST = { method: 'POST' };
const over = (as: 'completed' | 'expired' | 'cancelled'): Extract<BatchPhase, { kind: 'over' }> => ({
  kind: 'over',
  as,
  outputFileId: null,
  errorFileId: null,
  manifestKey: 'm',
  totals: NO_TOTALS,
});
const WAITING: Partial<Batch> = { waiter: 'token-1', waitSeq: 1 };

describe('POST /v1/batches/{batch_id}/cancel', () => {
  it.each(['validating', 'enrolled'] as const)('cancels from %s and wakes the lifecycle', async (kind) => {
    const rig = batchesRig();
    const { id } = await rig.has({ ...WAITING, phase: { kind } });
    const cancelled = await rig.clientOf('acme').batches.cancel(id);
    const nowSeconds = rig.clock.nowMs() / 1000;
    expect(cancelled).toMatchObject({ status: 'cancelling', cancelling_at: nowSeconds });
    expect(rig.executions.tokens).toEqual(['token-1']);
  });

  it('answers the Batch as it is where it is cancelling, finalizing or cancelled', async () => {
    const rig = batchesRig();
    const phases = {
      cancelling: { kind: 'closing', as: 'cancelled' },
      finalizing: { kind: 'closing', as: 'completed' },
      cancelled: over('cancelled'),
    } as const;
    for (const [status, phase] of Object.entries(phases)) {
      const { id } = await rig.has({ phase });
      expect(await rig.clientOf('acme').batches.cancel(id)).toMatchObject({ status, cancelling_at: null });
    }
  });

  it.each([over('completed'), over('expired'), { kind: 'over', as: 'failed' } as const])(
    'is refused with 409, not to be sent again, where the Batch is $as',
    async (phase) => {
      const rig = batchesRig();
      const { id } = await rig.has({ phase });
      const answer = await rig.call(`/batches/${id}/cancel`, POST);
      expect(answer.headers.get('x-should-retry')).toBe('false');
      const message = `Cannot cancel a batch with status '${phase.as}'.`;
      expect(await errorOf(answer)).toEqual(refusal(409, message, null, null));
    },
  );

  it('wakes the lifecycle when it is sent again after a wake that failed', async () => {
    const sent: string[] = [];
    let fails = true;
    const sendToken = async (token: string): Promise<void> => {
      if (fails) throw new Error('down');
      sent.push(token);
    };
    const rig = batchesRig({ executions: { sendToken } });
    const { id } = await rig.has({ ...WAITING, phase: { kind: 'enrolled' } });
    expect((await rig.call(`/batches/${id}/cancel`, POST)).status).toBe(500);
    fails = false;
    expect((await rig.call(`/batches/${id}/cancel`, POST)).status).toBe(200);
    expect(sent).toEqual(['token-1']);
  });
});
