import type { MetricName, MetricValues } from '../metrics.ts';
import type { Batch, BatchPhase } from './batch.ts';

type Outcome = Extract<BatchPhase, { readonly kind: 'over' }>['as'];

const COUNTERS = {
  completed: 'BatchesCompleted',
  failed: 'BatchesFailed',
  expired: 'BatchesExpired',
  cancelled: 'BatchesCancelled',
} as const satisfies Record<Outcome, MetricName>;

/** How a Batch has ended: what is in its files, and how long before its Deadline it was there. */
export function outcomeMetrics({ phase, times, deadlineMs }: Batch): MetricValues {
  if (phase.kind !== 'over') return {};
  const ended = { [COUNTERS[phase.as]]: 1 };
  if (phase.as === 'failed') return ended;
  const { completed, failed } = phase.totals;
  const lines = { LinesCompleted: completed, LinesFailed: failed };
  const endedAtMs = times.completedAtMs ?? times.expiredAtMs;
  // One that was cancelled had no Deadline to meet any more.
  if (endedAtMs === undefined) return { ...ended, ...lines };
  return { ...ended, ...lines, BatchMarginSeconds: (deadlineMs - endedAtMs) / 1000 };
}
