import { backOffMs } from '../../core/agent/back-off.ts';
import { NO_PAUSE, pauseAfterAnswer, pauseAfterBusy, type SendPause } from '../../core/agent/send-pause.ts';
import type { AgentDeps } from './deps.ts';
import type { Flight } from './flight.ts';
import type { Log } from './log.ts';

/** What the lines of one Attempt have been told by a server that is busy. */
export interface BusyServer {
  /** False during a pause. */
  maySend(): boolean;
  /** Since the line first met a busy server; 0 where something else was answered to it since, or it met none. */
  busyForMs(index: number): number;
  /** Answers how long the line itself waits before it may be sent again; 0: as soon as the pause ends. */
  noteBusy(flight: Flight, answer: { readonly why: string; readonly retryAfterMs: number }): number;
  /** Something else was answered. */
  noteOther(flight: Flight): void;
}

export interface BusyServerOptions {
  readonly deps: Pick<AgentDeps, 'time' | 'random'>;
  readonly log: Log;
  /** Ends the waiting. */
  readonly over: AbortSignal;
  /** A pause has ended. */
  readonly onEnd: () => void;
}

export function busyServer({ deps, log, over, onEnd }: BusyServerOptions): BusyServer {
  const { time, random } = deps;
  const lines = new Map<number, { readonly sinceMs: number; readonly times: number }>();
  let pause: SendPause = NO_PAUSE;
  /** Not the clock: a timer may wake a little before its time, and nothing else would. */
  let pausing = 0;

  function pauseFor(next: SendPause, why: string): void {
    const pauseMs = next.untilMs - time.monotonicMs();
    log.info('The server is busy; sending pauses.', { why, pauseMs, inARow: next.inARow });
    pause = next;
    pausing++;
    void time.sleep(pauseMs, over).then(() => {
      pausing--;
      if (!over.aborted) onEnd();
    });
  }

  return {
    maySend: () => pausing === 0,
    busyForMs(index) {
      const since = lines.get(index)?.sinceMs;
      return since === undefined ? 0 : time.monotonicMs() - since;
    },
    noteBusy({ index, sentAtMs }, { why, retryAfterMs }) {
      const nowMs = time.monotonicMs();
      const { sinceMs, times } = lines.get(index) ?? { sinceMs: nowMs, times: 0 };
      lines.set(index, { sinceMs, times: times + 1 });
      const facts = { nowMs, sentAtMs: sentAtMs ?? nowMs, retryAfterMs, random: random() };
      const next = pauseAfterBusy(pause, facts);
      if (next !== pause) pauseFor(next, why);
      // A line that is refused while others are taken must not pause them time and again.
      const isAlone = times + 1 > pause.inARow;
      return isAlone ? backOffMs(times + 1, random(), retryAfterMs) : 0;
    },
    noteOther({ index, sentAtMs }) {
      lines.delete(index);
      pause = pauseAfterAnswer(pause, sentAtMs ?? time.monotonicMs());
    },
  };
}
