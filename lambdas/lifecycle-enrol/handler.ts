import type { Objects } from '../../core/ports.ts';
import { enrolBatch } from '../../core/protocol/enrol.ts';
import type { BatchRef } from '../../core/protocol/lifecycle.ts';
import type { StartPorts } from '../../core/protocol/start-execution.ts';

export type EnrolDeps = StartPorts & { readonly objects: Objects };

/** Lets the Shards join their Fleet and wakes its loop. */
export const enrol = (deps: EnrolDeps) => async (input: BatchRef) => ({
  kind: await enrolBatch(deps, input),
});
