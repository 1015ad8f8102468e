import { type TellPorts, tellBatch } from '../../core/finalize/tell-batch.ts';
import type { BatchRef } from '../../core/protocol/lifecycle.ts';

/** Tells that the Batch has ended and clears what only its run needed. */
export const tell = (deps: TellPorts) => async (input: BatchRef) => ({ kind: await tellBatch(deps, input) });
