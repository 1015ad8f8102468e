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
  const inFlight = (): number => inFlightOf(loads());
  const server = busyServer({ deps, inFlight, onEnd: () => pump() });
  let admitting = true;
  let endedAtMs: number | null = null;
  let restingSinceMs: number | null = null;

  /** Sends one Request; false where none may be sent now. */
  function sendOne(engine: LiveEngine, now: readonly AttemptLoad[]): boolean {
    // Not even an adapter is asked for while a line runs alone.
    if (runsAlone(now) || !server.maySend()) return false;
    const sendable = now.map((load, i) =>
      load.waiting === 0 || attempts[i]?.maySend(engine) ? load : { ...load, waiting: 0 },
    );
    const next = nextToSend(sendable, room());
    // A younger Attempt may have begun the load in this very pass. Its end pumps again.
    if (next === null || (now[next]?.isolated && adapters.isLoading())) return false;
    attempts[next]?.sendNext(engine);
    return true;
  }

  function pump(): void {
    let now = loads();
    for (let engine = host.live(); admitting && engine !== null; engine = host.live()) {
      const sent = sendOne(engine, now);
      now = loads();
      if (!sent) break;
    }
    const resting = now.every(({ unfinished }) => unfinished === 0);
    restingSinceMs = resting ? (restingSinceMs ?? deps.time.monotonicMs()) : null;
    if (hasRoom(now, room()) || inFlightOf(now) === 0) changed.ring();
  }

  return {
    changed,
    pump,
    size: () => attempts.length,
    endedAtMs: () => endedAtMs,
    restingSinceMs: () => restingSinceMs,
    inFlight,
    isolates: () => runsAlone(loads()),
    hasRoom: () => hasRoom(loads(), room()),
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

const inFlightOf = (loads: readonly AttemptLoad[]): number =>
  loads.reduce((sum, load) => sum + load.inFlight, 0);
const runsAlone = (loads: readonly AttemptLoad[]): boolean =>
  loads.some((load) => load.isolated && load.inFlight > 0);
