import type { Batch, LineError } from '../batch/batch.ts';
import type { ShardTotals } from '../protocol/shard.ts';
import type { BatchExtension } from './batch-extension.ts';
import { RejectRequest } from './reject-request.ts';

/** The eight statuses of the wire (OpenAI Batch `status`). */
export type WireStatus =
  | 'validating'
  | 'failed'
  | 'in_progress'
  | 'finalizing'
  | 'completed'
  | 'expired'
  | 'cancelling'
  | 'cancelled';

export function statusOf({ phase }: Batch): WireStatus {
  switch (phase.kind) {
    case 'validating':
      return 'validating';
    case 'enrolled':
      return 'in_progress';
    case 'closing':
      return phase.as === 'cancelled' ? 'cancelling' : 'finalizing';
    case 'over':
      return phase.as;
    default:
      return phase satisfies never;
  }
}

export interface BatchView {
  readonly batch: Batch;
  /** Of all its Shards so far; of the files once it is over. */
  readonly totals: ShardTotals;
  /** Of a failed Batch; null otherwise. */
  readonly errors: readonly LineError[] | null;
  readonly extension: BatchExtension;
}

const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.floor(ms / 1000));

/** The Batch object of the wire: every key is there, null until it is known. `slackline` is our extension. */
export function renderBatch({ batch, totals, errors, extension }: BatchView) {
  const { times, phase } = batch;
  // As at OpenAI: neither is known until the Batch is in progress, even if intake has written its plan.
  const plan = phase.kind === 'validating' ? undefined : batch.plan;
  const ended = phase.kind === 'over' && phase.as !== 'failed' ? phase : null;
  return {
    id: batch.id,
    object: 'batch' as const,
    endpoint: batch.endpoint,
    model: plan?.model ?? null,
    errors: errors === null ? null : { object: 'list' as const, data: errors },
    input_file_id: batch.inputFileId,
    completion_window: batch.completionWindow,
    status: statusOf(batch),
    output_file_id: ended?.outputFileId ?? null,
    error_file_id: ended?.errorFileId ?? null,
    created_at: Math.floor(batch.createdAtMs / 1000),
    in_progress_at: seconds(times.inProgressAtMs),
    expires_at: Math.floor(batch.deadlineMs / 1000),
    finalizing_at: seconds(times.finalizingAtMs),
    completed_at: seconds(times.completedAtMs),
    failed_at: seconds(times.failedAtMs),
    expired_at: seconds(times.expiredAtMs),
    cancelling_at: seconds(times.cancellingAtMs),
    cancelled_at: seconds(times.cancelledAtMs),
    request_counts: { total: plan?.lines ?? 0, completed: totals.completed, failed: totals.failed },
    usage: {
      input_tokens: totals.inputTokens,
      input_tokens_details: { cached_tokens: totals.cachedTokens },
      output_tokens: totals.outputTokens,
      output_tokens_details: { reasoning_tokens: totals.reasoningTokens },
      total_tokens: totals.inputTokens + totals.outputTokens,
    },
    metadata: batch.metadata,
    slackline: extension,
  };
}

export type WireBatch = ReturnType<typeof renderBatch>;

/** The same for a Batch that never was and one of another tenant. */
export const noSuchBatch = (id: string, param: string | null = null): RejectRequest =>
  new RejectRequest({ status: 404, message: `No batch found with id '${id}'.`, param });
