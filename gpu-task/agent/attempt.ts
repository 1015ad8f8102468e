import type { AttemptLoad } from '../../core/agent/admission.ts';
import { adapterUnavailable } from '../../core/agent/line-decision.ts';
import type { AdapterLoader } from './adapter-loader.ts';
import type { BusyServer } from './busy-server.ts';
import type { AgentDeps } from './deps.ts';
import type { EngineHost, LiveEngine } from './engine-host.ts';
import type { BatchForecast } from './forecasts.ts';
import type { LeasedShard } from './lease-shard.ts';
import { modelGate } from './model-gate.ts';
import { openProgress } from './progress.ts';
import { openSender } from './sender.ts';
import type { Share } from './share-meter.ts';
import type { Tally } from './tally.ts';

/** One try at a Shard under one Lease. */
export interface Attempt {
  load(): AttemptLoad;
  /** False while the Lease forbids it, or the engine does not serve the model of the lines yet. */
  maySend(engine: LiveEngine): boolean;
  sendNext(engine: LiveEngine): void;
  /** Takes back what was in flight there; what it answers charges the death to the Shard. */
  engineDied(engineStart: number): () => void;
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
  readonly tally: Tally;
  readonly forecast: BatchForecast;
  readonly adapters: AdapterLoader;
  readonly server: BusyServer;
  /** Something may be sent now that could not before, or there is less to send. */
  readonly onChange: () => void;
}

export function openAttempt(options: AttemptOptions): Attempt {
  const { deps, host, leased, share, tally, forecast, adapters, server, onChange } = options;
  const { batchId, number, fence, model } = leased.started.shard;
  const log = deps.log.with({ batchId, shard: number, fence });
  const progress = openProgress(deps, leased, { log, share, tally, onRenewed: onChange });
  let ending = false;

  function changed(): void {
    if (!ending && sender.unfinished() === 0) {
      ending = true;
      progress.end();
    }
    onChange();
  }
  const sender = openSender({
    ...{ deps, host, leased, progress, log, tally, forecast, server },
    onChange: changed,
  });
  const gate = modelGate({
    ...{ fleet: deps.fleet, model, adapters, over: progress.over, onEnd: onChange },
    onFailed(why) {
      sender.failAll(adapterUnavailable(model, why));
      changed();
    },
  });
  log.info('A Shard is leased.', { lines: leased.lines.length, open: sender.unfinished() });
  changed();

  return {
    load: () => sender.load(gate.isWaiting()),
    maySend: (engine) => progress.maySend() && gate.isOpen(engine),
    sendNext: sender.sendNext,
    takeBackHopeless: sender.takeBackHopeless,
    flush: progress.flush,
    engineDied(engineStart) {
      const charge = sender.engineDied(engineStart);
      changed();
      return () => {
        charge();
        changed();
      };
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
