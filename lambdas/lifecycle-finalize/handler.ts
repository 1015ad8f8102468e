import { type FinalizePorts, finalizeBatch } from '../../core/finalize/finalize-batch.ts';
import type { Metrics } from '../../core/metrics.ts';
import type { BatchRef } from '../../core/protocol/lifecycle.ts';

export interface FinalizeDeps extends FinalizePorts {
  readonly metrics: Metrics;
  readonly logError: (message: string, fields: { readonly segments: readonly string[] }) => void;
}

/** Makes the files and shows the outcome. */
export const finalize = (deps: FinalizeDeps) => async (input: BatchRef) => {
  const result = await finalizeBatch(deps, input);
  if (result.kind === 'finished' && result.unreadable.length > 0) {
    deps.logError('Segments that the close plan names are gone or damaged.', { segments: result.unreadable });
    deps.metrics.emit({ UnreadableSegments: result.unreadable.length });
  }
  return { kind: result.kind };
};
