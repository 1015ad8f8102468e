import { type AttemptLoad, hasRoom, nextToSend, type Room } from '../../core/agent/admission.ts';
import { adapterLoader } from './adapter-loader.ts';
import { type Attempt, openAttempt } from './attempt.ts';
import { type Bell, bell } from './bell.ts';
import { busyServer } from './busy-server.ts';
import type { AgentDeps } from './deps.ts';
import type { EngineHost, LiveEngine } from './engine-host.ts';
import { forecasts } from './forecasts.ts';
import type { LeasedShard } from './lease-shard.ts';
import { shareMeter } from './share-meter.ts';
import type { Tally } from './tally.ts';

/** The Attempts that share the engine, oldest first. */
export interface Workload {
  /** Rung when there is room for one more Shard, when nothing is in flight any more, and when an Attempt ended. */
  readonly changed: Bell;
  add(leased: LeasedShard): void;
  /** Attempts, those among them that only wait for their last report to be recorded. */
  size(): number;
  /** Monotonic: when an Attempt ended last; null before the first. */
  endedAtMs(): number | null;
  /** Monotonic: since when no Attempt has a line without a result; null while one has. */
  restingSinceMs(): number | null;
  inFlight(): number;
  /** Whether a line runs alone on the engine now. */
  isolates(): boolean;
  /** Whether one more Shard is needed to keep the engine busy. */
  hasRoom(): boolean;
  /** Sends what may be sent. */
  pump(): void;
  /** Takes back what was in flight there; what it answers charges the death to the Shards. */
  engineDied(engineStart: number): () => void;
  stopAdmitting(): void;
  /** Takes back what cannot end until `untilMs` (monotonic). */
  takeBackHopeless(untilMs: number): void;
  flush(): Promise<void>;
  giveBack(withinMs: number): Promise<void>;
}

export interface WorkloadOptions {
  readonly deps: AgentDeps;
  readonly host: EngineHost;
  readonly tally: Tally;
  /** What the engine may have in flight now. */
  readonly room: () => Room;
}

export function workload({ deps, host, tally, room }: WorkloadOptions): Workload {
  const attempts: Attempt[] = [];
  const changed = bell();
  const meter = shareMeter(deps.time.monotonicMs);
  const forecastOf = forecasts();
  const adapters = adapterLoader(deps, host);
  const loads = (): readonly AttemptLoad[] => attempts.map((attempt) => attempt.load());
  const inFlight = (): number => attempts.reduce((sum, attempt) => sum + attempt.load().inFlight, 0);
  const isolates = (): boolean => loads().some((load) => load.isolated && load.inFlight > 0);
  const roomForMore = (): boolean => hasRoom(loads(), room());
  const server = busyServer({ deps, inFlight, onEnd: () => pump() });
  let admitting = true;
  let endedAtMs: number | null = null;
  let restingSinceMs: number | null = null;

  const sendableTo =
    (engine: LiveEngine) =>
    (attempt: Attempt): AttemptLoad => {
      const load = attempt.load();
      const maySend = load.waiting > 0 && attempt.maySend(engine);
      return maySend ? load : { ...load, waiting: 0 };
    };

  function pump(): void {
    // Not even an adapter is asked for while a line runs alone.
    for (let engine = host.live(); admitting && engine !== null && !isolates(); engine = host.live()) {
      const next = server.maySend() ? nextToSend(attempts.map(sendableTo(engine)), room()) : null;
      if (next === null) break;
      // A younger Attempt may have begun the load in this very pass. Its end pumps again.
      if (attempts[next]?.load().isolated && adapters.isLoading()) break;
      attempts[next]?.sendNext(engine);
    }
    const resting = loads().every(({ unfinished }) => unfinished === 0);
    restingSinceMs = resting ? (restingSinceMs ?? deps.time.monotonicMs()) : null;
    if (roomForMore() || inFlight() === 0) changed.ring();
  }

  return {
    changed,
    pump,
    size: () => attempts.length,
    endedAtMs: () => endedAtMs,
    restingSinceMs: () => restingSinceMs,
    inFlight,
    isolates,
    hasRoom: roomForMore,
    add(leased) {
      const forecast = forecastOf(leased);
      const attempt = openAttempt({
        ...{ deps, host, leased, tally, forecast, adapters, server },
        ...{ share: meter.open(), onChange: pump },
      });
      attempts.push(attempt);
      void attempt.ended.then(() => {
        attempts.splice(attempts.indexOf(attempt), 1);
        endedAtMs = deps.time.monotonicMs();
        pump();
        changed.ring();
      });
      pump();
    },
    engineDied(engineStart) {
      const charges = [...attempts].map((attempt) => attempt.engineDied(engineStart));
      return () => {
        for (const charge of charges) charge();
      };
    },
    stopAdmitting() {
      admitting = false;
    },
    takeBackHopeless(untilMs) {
      for (const attempt of [...attempts]) attempt.takeBackHopeless(untilMs);
    },
    flush: async () => void (await Promise.all(attempts.map((attempt) => attempt.flush()))),
    giveBack: async (withinMs) =>
      void (await Promise.allSettled([...attempts].map((attempt) => attempt.giveBack(withinMs)))),
  };
}
