import { outcomeMetrics } from '../../core/batch/outcome-metrics.ts';
import { type TellPorts, tellBatch } from '../../core/finalize/tell-batch.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Metrics } from '../../core/metrics.ts';
import type { BatchRef } from '../../core/protocol/lifecycle.ts';

export type TellDeps = TellPorts & { readonly metrics: Metrics };

/** Tells that the Batch has ended and clears what only its run needed. A step that is run again counts it again. */
export const tell = (deps: TellDeps) => async (input: BatchRef) => {
  const kind = await tellBatch(deps, input);
  const batch =
    kind === 'told' ? await deps.records.read(recordKeys.batch(input.tenant, input.batchId)) : null;
  if (batch !== null) deps.metrics.emit(outcomeMetrics(batch));
  return { kind };
};
