import { type FinalizePorts, finalizeBatch } from '../../core/finalize/finalize-batch.ts';
import type { BatchRef } from '../../core/protocol/lifecycle.ts';

export interface FinalizeDeps extends FinalizePorts {
  /** An alarm stands on it: results that were Finished cannot be read. */
  readonly countUnreadableSegments: (keys: readonly string[]) => void;
}

/** Makes the files and shows the outcome. */
export const finalize = (deps: FinalizeDeps) => async (input: BatchRef) => {
  const result = await finalizeBatch(deps, input);
  if (result.kind === 'finished' && result.unreadable.length > 0) {
    deps.countUnreadableSegments(result.unreadable);
  }
  return { kind: result.kind };
};
