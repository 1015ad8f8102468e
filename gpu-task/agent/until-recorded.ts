import type { AgentTime } from '../../core/agent/ports.ts';
import type { Records, Reports } from '../../core/ports.ts';
import { finishAttempt, type LastReport } from '../../core/protocol/finish-attempt.ts';
import { renewEveryMs } from './lease-keeper.ts';
import { type Log, reasonOf } from './log.ts';

/**
 * Holds the Lease of a Shard whose last report was sent until the record shows it. The first look comes a renewal
 * later, so that a recorder that keeps up is not sent the same report twice.
 */
export async function untilRecorded(
  ports: {
    readonly records: Records;
    readonly reports: Reports;
    readonly time: AgentTime;
    readonly log: Log;
    readonly over: AbortSignal;
  },
  last: Omit<LastReport, 'renewEveryMs'>,
): Promise<void> {
  const { records, reports, time, log, over } = ports;
  const everyMs = renewEveryMs(last.leaseMs);
  const pause = async (ms: number): Promise<void> => {
    await time.sleep(ms, over);
    over.throwIfAborted();
  };
  while (!over.aborted) {
    try {
      await pause(everyMs);
      await finishAttempt({ records, reports, clock: time, pause }, { ...last, renewEveryMs: everyMs });
      return;
    } catch (error) {
      if (!over.aborted)
        log.warn('A last report is not seen yet; looking again.', { reason: reasonOf(error) });
    }
  }
}
