import { isOurs } from '../../core/agent/engine-limits.ts';
import type { EngineClient } from '../../core/agent/ports.ts';
import { isWorthStarting } from '../../core/agent/vain-deaths.ts';
import { reportStart } from '../cold-start/report-start.ts';
import type { RunningEngine } from '../engines/engine.ts';
import type { AgentDeps } from './deps.ts';
import { reasonOf } from './log.ts';

/** An engine that Requests may be sent to. */
export interface LiveEngine {
  readonly engineStart: number;
  readonly client: EngineClient;
  /** What it calls the Fleet's model. @default - as the Fleet does */
  readonly servedModel?: string | undefined;
  /** Aborts when nothing may be sent to it any more. */
  readonly gone: AbortSignal;
}

export interface EngineHostListener {
  /**
   * Said once for each start, as soon as it is known. The next start waits for it; where it fails there is none.
   */
  onDeath(engineStart: number): Promise<void>;
  onReady(engine: LiveEngine): void;
  /** An examination is over, and there is a live engine: the one that was examined, or already its successor. */
  onCleared(): void;
  /** The engine cannot be brought up again. */
  onFailed(error: unknown): void;
}

/** Keeps one engine running. */
export interface EngineHost {
  /** Resolves once the first engine is ready; fails where it never is. */
  start(signal?: AbortSignal): Promise<void>;
  /** Null while there is none, and while it is examined: whoever is sent now would be charged with its death. */
  live(): LiveEngine | null;
  /** After an outcome that may mean it: looks whether the engine is gone, and says so to the listener first. */
  examine(engine: LiveEngine): Promise<'alive' | 'dead'>;
  /** A line got its result from the engine: it is of use. */
  noteAnswer(): void;
  /** Ends an engine that is of no use any more, and starts another. */
  replace(engine: LiveEngine): void;
  stop(): Promise<void>;
}

type HostDeps = Pick<
  AgentDeps,
  'fleet' | 'capacity' | 'taskStart' | 'engine' | 'connect' | 'metrics' | 'time' | 'log'
>;
interface Hosted extends LiveEngine {
  readonly running: RunningEngine;
  readonly ended: AbortController;
}

/** A busy engine may miss one probe; a dead one misses all of them. */
const PROBES = 3;
const PROBE_EVERY_MS = 500;
/** Longer than the kernel takes to end a process that it was told to kill. */
const KILLED_WITHIN_MS = 15_000;
/** An engine gets a few seconds to end by itself, and is killed then. */
const STOPPED_WITHIN_MS = 5000 + KILLED_WITHIN_MS;

export function engineHost(deps: HostDeps, listener: EngineHostListener): EngineHost {
  const stopping = new AbortController();
  let hosted: Hosted | null = null;
  let vainDeaths = 0;
  /** Many connections break at once; one examination answers for all of them. */
  let examining: Promise<'alive' | 'dead'> | null = null;

  async function bringUp(signal: AbortSignal): Promise<void> {
    const running = await deps.engine.start(signal);
    if (signal.aborted) {
      await running.stop();
      throw new Error('The engine came up after the stop.');
    }
    const { engineStart, address, servedModel } = running;
    const ended = new AbortController();
    const next: Hosted = {
      ...{ running, engineStart, servedModel, ended },
      ...{ client: deps.connect(address), gone: ended.signal },
    };
    hosted = next;
    reportStart(deps, running);
    void running.exited.then(() => bury(next));
    listener.onReady(next);
  }

  function bury(dead: Hosted): void {
    if (hosted !== dead || stopping.signal.aborted) return;
    hosted = null;
    dead.ended.abort();
    vainDeaths++;
    deps.log.warn('The engine has died.', { engineStart: dead.engineStart, vainDeaths });
    const mourned = listener.onDeath(dead.engineStart);
    dead.running.kill();
    dead.client.close().catch(() => undefined);
    bringUpAfter(dead, mourned).catch((error: unknown) => {
      if (stopping.signal.aborted) return;
      deps.log.warn('The engine does not come up again.', { reason: reasonOf(error) });
      listener.onFailed(error);
    });
  }

  /** Two engines at once do not fit into a GPU's memory. */
  async function bringUpAfter(dead: Hosted, mourned: Promise<void>): Promise<void> {
    const patience = new AbortController();
    const waitMs = isOurs(deps.fleet.engine) ? KILLED_WITHIN_MS : 0;
    const gone = Promise.race([dead.running.exited, deps.time.sleep(waitMs, patience.signal)]);
    await Promise.all([gone, mourned]).finally(() => patience.abort());
    if (stopping.signal.aborted) return;
    if (!isWorthStarting(vainDeaths))
      throw new Error(`The engine died ${vainDeaths} times without a result between.`);
    await bringUp(stopping.signal);
  }

  async function look(suspect: Hosted): Promise<'alive' | 'dead'> {
    const answers = await answersProbes(suspect.client, deps.time);
    if (!answers) bury(suspect);
    return hosted === suspect ? 'alive' : 'dead';
  }

  return {
    start: (signal) =>
      bringUp(signal === undefined ? stopping.signal : AbortSignal.any([signal, stopping.signal])),
    live: () => (examining === null ? hosted : null),
    examine(engine) {
      if (hosted !== engine) return Promise.resolve('dead');
      examining ??= look(hosted).finally(() => {
        examining = null;
        if (hosted !== null) listener.onCleared();
      });
      return examining;
    },
    noteAnswer() {
      vainDeaths = 0;
    },
    replace(engine) {
      if (hosted === engine) bury(hosted);
    },
    async stop() {
      stopping.abort();
      const last = hosted;
      hosted = null;
      last?.ended.abort();
      // A process that waits in a driver does not end by any signal.
      const patience = new AbortController();
      await Promise.race([last?.running.stop(), deps.time.sleep(STOPPED_WITHIN_MS, patience.signal)]);
      patience.abort();
      await last?.client.close();
    },
  };
}

async function answersProbes(client: EngineClient, time: AgentDeps['time']): Promise<boolean> {
  for (let probes = 1; ; probes++) {
    if (await client.isHealthy()) return true;
    if (probes === PROBES) return false;
    await time.sleep(PROBE_EVERY_MS);
  }
}
