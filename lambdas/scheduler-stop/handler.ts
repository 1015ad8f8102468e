import { recordKeys } from '../../core/keys.ts';
import type { Records } from '../../core/ports.ts';
import { stopLoop } from '../../core/protocol/loop.ts';
import type { SchedulerInput } from '../../core/protocol/start-execution.ts';

export type StopInput = SchedulerInput & { readonly wakeSeqSeen: number };

/** Ends the loop unless something came since its plan. */
export const stopScheduler =
  (deps: { readonly records: Records }) =>
  async ({ fleetId, generation, wakeSeqSeen }: StopInput) => ({
    kind: await deps.records.change(recordKeys.loop(fleetId), (loop) =>
      stopLoop(loop, { generation, wakeSeqSeen }),
    ),
  });
