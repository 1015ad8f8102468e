import { type ClosePorts, closeBatch } from '../../core/protocol/close-batch.ts';
import type { BatchRef } from '../../core/protocol/lifecycle.ts';

/** Closes the Shards and writes the close plan; finalize reads it from there. */
export const close = (deps: ClosePorts) => async (input: BatchRef) => {
  const { kind } = await closeBatch(deps, input);
  return { kind };
};
