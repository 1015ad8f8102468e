import type { AgentTime } from '../../core/agent/ports.ts';
import type { StopCause } from '../../core/agent/stop-plan.ts';
import type { Stops } from './agent.ts';
import { type Log, reasonOf } from './log.ts';

/** What the instance knows about its own end. */
export interface InstanceNotices {
  /** Null: no notice. */
  interruptionAtMs(): Promise<number | null>;
  isRebalanceRecommended(): Promise<boolean>;
}

export interface StopSignals extends Stops {
  /** To be called for each SIGTERM. */
  terminate(): void;
  /** Ends the polling. */
  close(): void;
}

/** ECS tells nothing of an Interruption to a Task that no service runs, and two minutes are short. */
const POLL_EVERY_MS = 2000;

/** The first of a SIGTERM and a notice of the instance is the stop; the next SIGTERM hurries it. */
export function stopSignals(deps: {
  readonly time: AgentTime;
  readonly notices: InstanceNotices;
  readonly log: Log;
}): StopSignals {
  const { time, notices, log } = deps;
  const [stop, noNewLeases, hurry, closed] = [
    new AbortController(),
    new AbortController(),
    new AbortController(),
    new AbortController(),
  ];
  let terminations = 0;

  function stopFor(cause: StopCause): void {
    if (!stop.signal.aborted) stop.abort(cause);
  }

  async function look(): Promise<void> {
    const takenAtMs = await notices.interruptionAtMs();
    if (takenAtMs !== null) return stopFor({ kind: 'interruption', atMs: time.nowMs(), takenAtMs });
    if (!noNewLeases.signal.aborted && (await notices.isRebalanceRecommended())) noNewLeases.abort();
  }

  async function poll(): Promise<void> {
    let failures = 0;
    while (!closed.signal.aborted && !stop.signal.aborted) {
      try {
        await look();
        failures = 0;
      } catch (error) {
        if (failures++ === 0) log.warn('The instance metadata cannot be read.', { reason: reasonOf(error) });
      }
      await time.sleep(POLL_EVERY_MS, AbortSignal.any([closed.signal, stop.signal]));
    }
  }

  void poll();
  return {
    stop: stop.signal,
    noNewLeases: noNewLeases.signal,
    hurry: hurry.signal,
    terminate() {
      if (++terminations > 1) hurry.abort();
      stopFor({ kind: 'asked', atMs: time.nowMs() });
    },
    close: () => closed.abort(),
  };
}
