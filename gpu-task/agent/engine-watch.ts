import type { Room } from '../../core/agent/admission.ts';
import {
  type AdmissionLimits,
  adjustAdmission,
  openAdmission,
  tokenLimitOf,
} from '../../core/agent/admission-control.ts';
import { isOurs, maxRunningOf } from '../../core/agent/engine-limits.ts';
import { type EngineMetrics, parseEngineMetrics } from '../../core/agent/engine-metrics.ts';
import { isStalled, noteProgress, type StallWatch, startStallWatch } from '../../core/agent/stall.ts';
import type { AgentDeps } from './deps.ts';
import type { LiveEngine } from './engine-host.ts';
import { reasonOf } from './log.ts';

/** Looks at the engine's own signals while it lives. */
export interface EngineWatch {
  /** What the engine may have in flight now. */
  room(): Room;
  /** What the engine says now; null while there is none, or where it says nothing. */
  shown(): EngineMetrics | null;
  /** Watches an engine from its start to its end. */
  follow(engine: LiveEngine): void;
}

export interface EngineWatchListener {
  readonly inFlight: () => number;
  /** There may be more room than before. */
  readonly onRoom: () => void;
  /** An engine of ours computes nothing any more. */
  readonly onStall: (engine: LiveEngine) => void;
}

/** Often enough to follow Requests that take seconds; the engine renders its metrics in milliseconds. */
const POLL_EVERY_MS = 1500;

export function engineWatch(deps: AgentDeps, listener: EngineWatchListener): EngineWatch {
  const { fleet, time, log } = deps;
  const limits: AdmissionLimits = { ceiling: fleet.concurrency, maxRunning: maxRunningOf(fleet.engine) };
  let control = openAdmission(limits);
  let shown: EngineMetrics | null = null;

  function adjust(metrics: EngineMetrics): void {
    const before = control.requests;
    const nowMs = time.monotonicMs();
    control = adjustAdmission(control, { nowMs, inFlight: listener.inFlight(), metrics }, limits);
    if (control.requests < before) {
      log.info('The engine gets fewer Requests at once.', { before, now: control.requests });
    }
    listener.onRoom();
  }

  function judge(engine: LiveEngine, watch: StallWatch, metrics: EngineMetrics | null): StallWatch {
    const nowMs = time.monotonicMs();
    const noted = noteProgress(watch, { nowMs, inFlight: listener.inFlight(), metrics });
    if (!isStalled(noted, nowMs)) return noted;
    log.warn('The engine has stalled.', {
      engineStart: engine.engineStart,
      sinceMs: nowMs - noted.movedAtMs,
    });
    // What is not ours cannot be restarted: its Requests end by their own timeout.
    if (isOurs(fleet.engine)) listener.onStall(engine);
    return startStallWatch(nowMs);
  }

  async function follow(engine: LiveEngine): Promise<void> {
    control = openAdmission(limits);
    let watch = startStallWatch(time.monotonicMs());
    while (!engine.gone.aborted) {
      const metrics = await readMetrics(engine, deps);
      shown = engine.gone.aborted || typeof metrics === 'string' ? null : metrics;
      if (engine.gone.aborted) return;
      if (metrics === 'none') {
        control = { ...control, requests: limits.ceiling };
        return listener.onRoom();
      }
      watch = judge(engine, watch, metrics === 'unknown' ? null : metrics);
      if (metrics !== 'unknown' && !engine.gone.aborted) adjust(metrics);
      await time.sleep(POLL_EVERY_MS, engine.gone);
    }
  }

  return {
    shown: () => shown,
    room: () => ({ requests: control.requests, tokens: tokenLimitOf(control) }),
    follow: (engine) => void follow(engine),
  };
}

async function readMetrics(
  { client, engineStart }: LiveEngine,
  { fleet, log }: Pick<AgentDeps, 'fleet' | 'log'>,
): Promise<EngineMetrics | 'none' | 'unknown'> {
  try {
    const text = await client.metrics();
    const metrics = text === null ? null : parseEngineMetrics(text);
    // vLLM has them, even where one answer lacks them.
    return metrics ?? (fleet.engine.kind === 'vllm' ? 'unknown' : 'none');
  } catch (error) {
    log.warn('The metrics of the engine cannot be read.', { engineStart, reason: reasonOf(error) });
    return 'unknown';
  }
}
