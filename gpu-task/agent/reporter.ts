import type { Reports } from '../../core/ports.ts';
import { bitsOf, unionBits } from '../../core/protocol/bitmap.ts';
import { type Report, unionDeaths } from '../../core/protocol/report.ts';
import type { EngineDeath, LeaseMs, Shard } from '../../core/protocol/shard.ts';
import type { Attempt as StartedAttempt } from '../../core/protocol/start-attempt.ts';
import { addTotals, type FinishedLine } from '../../core/segment/segment.ts';
import { type Log, reasonOf } from './log.ts';

/** What an Attempt has achieved, and the reports about it. */
export interface Reporter {
  /** Lines that a Segment holds now. */
  addStored(lines: readonly FinishedLine[]): void;
  addDeath(death: EngineDeath): void;
  /** All that are known, of earlier Attempts too. */
  deaths(): readonly EngineDeath[];
  /** Sends a new cumulative report. One that is lost is made good by the next. */
  send(): Promise<void>;
  /** The last report that was made. */
  last(): Report;
}

export interface ReporterOptions {
  readonly started: StartedAttempt;
  readonly reports: Reports;
  readonly storedSegments: () => number;
  readonly leaseMs: () => LeaseMs;
  readonly log: Log;
}

export function reporter({ started, reports, storedSegments, leaseMs, log }: ReporterOptions): Reporter {
  const { shard } = started;
  let { finished, totals } = started;
  let deaths: readonly EngineDeath[] = [];
  let allDeaths = shard.deaths;
  let seq = 0;
  let last = make();

  function make(): Report {
    const stored = storedSegments();
    return {
      shard: idOf(shard),
      fence: shard.fence,
      seq,
      finished,
      segments: { ...started.adopted, ...(stored > 0 ? { [shard.fence]: stored } : {}) },
      deaths,
      totals,
      leaseMs: leaseMs(),
    };
  }

  return {
    addStored(lines) {
      finished = unionBits(
        finished,
        bitsOf(
          lines.map(({ index }) => index),
          shard.lines,
        ),
      );
      totals = addTotals(totals, lines);
    },
    addDeath(death) {
      deaths = unionDeaths(deaths, [death]);
      allDeaths = unionDeaths(shard.deaths, deaths);
    },
    deaths: () => allDeaths,
    async send() {
      seq++;
      last = make();
      try {
        await reports.send(last);
      } catch (error) {
        log.warn('A report could not be sent; the next one says the same.', { reason: reasonOf(error) });
      }
    },
    last: () => last,
  };
}

export const idOf = ({ tenant, batchId, number }: Shard) => ({ tenant, batchId, number });
