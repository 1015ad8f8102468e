import { recordKeys } from '../../core/keys.ts';
import { type Holder, release } from '../../core/protocol/lease.ts';
import { isolate } from '../../core/protocol/poison.ts';
import type { EngineDeath, LeaseMs } from '../../core/protocol/shard.ts';
import type { FinishedLine } from '../../core/segment/segment.ts';
import { type Checkpoints, checkpoints } from './checkpoints.ts';
import type { AgentDeps } from './deps.ts';
import { leaseKeeper } from './lease-keeper.ts';
import type { LeasedShard } from './lease-shard.ts';
import type { Log } from './log.ts';
import { idOf, type Reporter, reporter } from './reporter.ts';
import type { Share } from './share-meter.ts';
import type { Tally } from './tally.ts';
import { untilRecorded } from './until-recorded.ts';

/** The durable side of an Attempt: its Lease, its Segments, its reports. */
export interface Progress {
  /** Whether something may be sent to the engine now. */
  maySend(): boolean;
  /** Aborts when the Attempt is over: ended, given back or lost. */
  readonly over: AbortSignal;
  finish(line: FinishedLine): void;
  /** Reports the death at once: the agent may be the next to die. */
  noteDeath(death: EngineDeath): void;
  deaths(): readonly EngineDeath[];
  /** Records that this line runs alone; false where the Shard is not ours any more. */
  isolate(index: number, engineStart: number): Promise<boolean>;
  flush(): Promise<void>;
  /** After the last line: stores and reports the rest, then holds the Lease until the record shows it. */
  end(): Promise<void>;
  /** Stores and reports what is there, within `withinMs`, and gives up the Lease. */
  giveBack(withinMs: number): Promise<void>;
}

export interface ProgressOptions {
  readonly log: Log;
  readonly share: Share;
  readonly tally: Tally;
  readonly onRenewed: () => void;
}

export function openProgress(
  deps: AgentDeps,
  leased: LeasedShard,
  { log, share, tally, onRenewed }: ProgressOptions,
): Progress {
  const { fleet, records, reports, time, owner } = deps;
  const { started, claimedAtMs } = leased;
  const shard = idOf(started.shard);
  const key = recordKeys.shard(shard);
  const holder: Holder = { owner, fence: started.shard.fence };
  const ended = new AbortController();
  const over = ended.signal;

  function lose(why: string): void {
    if (over.aborted) return;
    log.warn('The Shard is not ours any more.', { why });
    ended.abort();
  }
  const onTaken = (): void => lose('another has written under our fence');
  const { saved, report } = openStores(deps, leased, { log, share, tally, over, onTaken });
  const lease = leaseKeeper({
    ...{ records, shard, holder, claimedAtMs, time, log, leaseMs: fleet.leaseMs },
    onRenewed,
    onLost: () => lose('the renewal was refused'),
  });
  over.addEventListener('abort', () => {
    share.end();
    void lease.stop();
  });
  void report.send();

  return {
    over,
    maySend: () => !over.aborted && lease.isValid(),
    finish: saved.add,
    flush: saved.flush,
    deaths: report.deaths,
    noteDeath(death) {
      report.addDeath(death);
      void report.send();
    },
    async isolate(index, engineStart) {
      const answer = await records.change(key, (record) => isolate(record, holder, { index, engineStart }));
      if (answer === 'refused') lose('a line may not run alone under this Lease');
      return answer === 'recorded';
    },
    async end() {
      await saved.flush();
      share.end();
      if (!over.aborted) await lease.stop();
      await untilRecorded(
        { records, reports, time, log, over },
        { report: report.last(), owner, leaseMs: fleet.leaseMs },
      );
      ended.abort();
    },
    async giveBack(withinMs) {
      await Promise.race([saved.flush(), time.sleep(withinMs, over)]);
      if (over.aborted) return;
      ended.abort();
      await records.change(key, (record) => release(record, holder));
    },
  };
}

interface StoreOptions extends Omit<ProgressOptions, 'onRenewed'> {
  readonly over: AbortSignal;
  readonly onTaken: () => void;
}

/** Segments, and a report for each of them once it is stored. */
function openStores(
  deps: AgentDeps,
  { started }: LeasedShard,
  { log, share, tally, over, onTaken }: StoreOptions,
): { readonly saved: Checkpoints; readonly report: Reporter } {
  const { objects, reports, time, random, fleet } = deps;
  const { fence } = started.shard;
  const saved = checkpoints({
    ...{ objects, fence, time, log, random, over, onTaken },
    shard: idOf(started.shard),
    limits: fleet.checkpoint,
    onStored: (lines) => {
      log.info('A Segment is stored.', { segment: saved.stored(), lines: lines.length });
      report.addStored(lines);
      countStored(tally, lines);
      return report.send();
    },
  });
  const leaseMs = (): LeaseMs => spentOn(deps, share);
  const report = reporter({ started, reports, storedSegments: saved.stored, leaseMs, log });
  return { saved, report };
}

function countStored(tally: Tally, lines: readonly FinishedLine[]): void {
  tally.add('SegmentsStored');
  tally.add('RequestsFinished', lines.length);
  for (const { inputTokens, outputTokens } of lines) {
    tally.add('TokensIn', inputTokens);
    tally.add('TokensOut', outputTokens);
  }
}

function spentOn({ capacity }: AgentDeps, share: Share): LeaseMs {
  const ms = Math.round(share.spentMs());
  return capacity === 'spot' ? { spot: ms, onDemand: 0 } : { spot: 0, onDemand: ms };
}
