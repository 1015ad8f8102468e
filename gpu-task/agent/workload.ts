import { hasRoom, nextToSend } from '../../core/agent/admission.ts';
import { type Attempt, openAttempt } from './attempt.ts';
import { type Bell, bell } from './bell.ts';
import type { AgentDeps } from './deps.ts';
import type { EngineHost } from './engine-host.ts';
import type { LeasedShard } from './lease-shard.ts';
import { shareMeter } from './share-meter.ts';

/** The Attempts that share the engine, oldest first. */
export interface Workload {
  /** Rung whenever something was sent, finished, or an Attempt ended. */
  readonly changed: Bell;
  add(leased: LeasedShard): void;
  /** Attempts, those among them that only wait for their last report to be recorded. */
  size(): number;
  inFlight(): number;
  /** Whether one more Shard is needed to keep the engine busy. */
  hasRoom(): boolean;
  /** Sends what may be sent. */
  pump(): void;
  engineDied(engineStart: number): void;
  stopAdmitting(): void;
  flush(): Promise<void>;
  giveBack(withinMs: number): Promise<void>;
}

export function workload(deps: AgentDeps, host: EngineHost): Workload {
  const { concurrency } = deps.fleet;
  const attempts: Attempt[] = [];
  const changed = bell();
  const meter = shareMeter(deps.time.monotonicMs);
  let admitting = true;

  function pump(): void {
    for (let engine = host.live(); admitting && engine !== null; engine = host.live()) {
      const next = nextToSend(attempts.map(sendableLoad), concurrency);
      if (next === null) break;
      attempts[next]?.sendNext(engine);
    }
    changed.ring();
  }

  return {
    changed,
    pump,
    size: () => attempts.length,
    inFlight: () => attempts.reduce((sum, attempt) => sum + attempt.load().inFlight, 0),
    hasRoom: () =>
      hasRoom(
        attempts.map((attempt) => attempt.load()),
        concurrency,
      ),
    add(leased) {
      const attempt = openAttempt({ deps, host, leased, share: meter.open(), onChange: pump });
      attempts.push(attempt);
      void attempt.ended.then(() => {
        attempts.splice(attempts.indexOf(attempt), 1);
        pump();
      });
      pump();
    },
    engineDied(engineStart) {
      for (const attempt of [...attempts]) attempt.engineDied(engineStart);
    },
    stopAdmitting() {
      admitting = false;
    },
    flush: async () => void (await Promise.all(attempts.map((attempt) => attempt.flush()))),
    giveBack: async (withinMs) =>
      void (await Promise.allSettled([...attempts].map((attempt) => attempt.giveBack(withinMs)))),
  };
}

const sendableLoad = (attempt: Attempt) =>
  attempt.maySend() ? attempt.load() : { ...attempt.load(), waiting: 0 };
