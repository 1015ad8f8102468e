import type { AttemptLoad } from '../../core/agent/admission.ts';
import type { AgentDeps } from './deps.ts';
import type { EngineHost, LiveEngine } from './engine-host.ts';
import type { BatchForecast } from './forecasts.ts';
import type { LeasedShard } from './lease-shard.ts';
import { openProgress } from './progress.ts';
import { openSender } from './sender.ts';
import type { Share } from './share-meter.ts';

/** One try at a Shard under one Lease. */
export interface Attempt {
  load(): AttemptLoad;
  /** False while the Lease does not let us send anything. */
  maySend(): boolean;
  sendNext(engine: LiveEngine): void;
  engineDied(engineStart: number): void;
  /** Takes back what cannot end until `untilMs` (monotonic). */
  takeBackHopeless(untilMs: number): void;
  flush(): Promise<void>;
  /** Takes back what is in flight, stores and reports the rest within `withinMs`, releases. */
  giveBack(withinMs: number): Promise<void>;
  /** Resolves when nothing of it is left to do. */
  readonly ended: Promise<void>;
}

export interface AttemptOptions {
  readonly deps: AgentDeps;
  readonly host: EngineHost;
  readonly leased: LeasedShard;
  readonly share: Share;
  readonly forecast: BatchForecast;
  /** Something may be sent now that could not before, or there is less to send. */
  readonly onChange: () => void;
}

export function openAttempt({ deps, host, leased, share, forecast, onChange }: AttemptOptions): Attempt {
  const { batchId, number, fence } = leased.started.shard;
  const log = deps.log.with({ batchId, shard: number, fence });
  const progress = openProgress(deps, leased, { log, share, onRenewed: onChange });
  let ending = false;

  function changed(): void {
    if (!ending && sender.load().unfinished === 0) {
      ending = true;
      progress.end();
    }
    onChange();
  }
  const sender = openSender({ deps, host, leased, progress, log, forecast, onChange: changed });
  log.info('A Shard is leased.', { lines: leased.lines.length, open: sender.load().unfinished });
  changed();

  return {
    load: sender.load,
    maySend: progress.maySend,
    sendNext: sender.sendNext,
    takeBackHopeless: sender.takeBackHopeless,
    flush: progress.flush,
    engineDied(engineStart) {
      sender.engineDied(engineStart);
      changed();
    },
    async giveBack(withinMs) {
      sender.takeBack();
      await progress.giveBack(withinMs);
    },
    ended: new Promise((resolve) => {
      progress.over.addEventListener('abort', () => resolve());
    }),
  };
}
