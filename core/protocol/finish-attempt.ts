import { recordKeys } from '../keys.ts';
import type { Clock, Records, Reports } from '../ports.ts';
import { type Holder, release, renew } from './lease.ts';
import type { Report } from './report.ts';

export interface LastReport {
  readonly report: Report;
  readonly owner: string;
  readonly leaseMs: number;
  /** Well below `leaseMs`. */
  readonly renewEveryMs: number;
}

/**
 * Ends an Attempt that has sent its last report: renews until the record shows that report, resends it once per
 * renewal, and only then releases. Without this two Attempts can relieve each other for ever. `refused`: the Shard
 * is settled, closed or another's. `pause` rejects where the Task must end.
 */
export async function finishAttempt(
  ports: {
    readonly records: Records;
    readonly reports: Reports;
    readonly clock: Clock;
    readonly pause: (ms: number) => Promise<void>;
  },
  { report, owner, leaseMs, renewEveryMs }: LastReport,
): Promise<'released' | 'refused'> {
  const key = recordKeys.shard(report.shard);
  const holder: Holder = { owner, fence: report.fence };
  for (;;) {
    const renewed = await ports.records.change(key, (shard) =>
      renew(shard, holder, { nowMs: ports.clock.nowMs(), leaseMs }),
    );
    if (renewed.kind === 'refused') return 'refused';
    if (renewed.reportSeq >= report.seq) break;
    await ports.reports.send(report);
    await ports.pause(renewEveryMs);
  }
  await ports.records.change(key, (shard) => release(shard, holder));
  return 'released';
}
