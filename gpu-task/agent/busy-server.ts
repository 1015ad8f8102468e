import { isCrowded, NO_PAUSE, pauseAfterAnswer, pauseAfterBusy } from '../../core/agent/send-pause.ts';
import type { AgentDeps } from './deps.ts';

/** A Request that a busy server did not take. */
export interface Refusal {
  readonly why: string;
  /** As the server wishes; 0 where it does not say. */
  readonly retryAfterMs: number;
  /** Monotonic. */
  readonly sentAtMs: number;
  /** The line was refused before. */
  readonly again: boolean;
}

/** What the server takes at once, as its answers to all Attempts show. */
export interface BusyServer {
  /** False during a pause, and where as many are in flight as it takes. */
  maySend(): boolean;
  /** Monotonic: when it last answered otherwise. */
  tookAtMs(): number;
  /** `pause`: nothing is sent for a while. `crowded`: it works on others; this line alone waits. */
  noteBusy(refusal: Refusal): 'pause' | 'crowded';
  /** Something else was answered to a Request that was sent then. */
  noteOther(sentAtMs: number): void;
}

export interface BusyServerOptions {
  readonly deps: Pick<AgentDeps, 'time' | 'random' | 'log'>;
  /** Of all Attempts, those that are judged now among them. */
  readonly inFlight: () => number;
  /** A pause has ended. */
  readonly onEnd: () => void;
}

export function busyServer({ deps, inFlight, onEnd }: BusyServerOptions): BusyServer {
  const { time, random, log } = deps;
  let pause = NO_PAUSE;
  /** Not the clock: a timer may wake a little before its time, and nothing else would. */
  let pausing = 0;
  /** Null: all that it was ever sent. */
  let takesAtOnce: number | null = null;
  let tookAtMs = Number.NEGATIVE_INFINITY;

  function pauseFor({ why, retryAfterMs, sentAtMs }: Refusal): void {
    const nowMs = time.monotonicMs();
    const next = pauseAfterBusy(pause, { nowMs, sentAtMs, retryAfterMs, random: random() });
    if (next === pause) return;
    pause = next;
    pausing++;
    const pauseMs = next.untilMs - nowMs;
    log.info('The server is busy; sending pauses.', { why, pauseMs, inARow: next.inARow });
    void time.sleep(pauseMs).then(() => {
      pausing--;
      onEnd();
    });
  }

  return {
    maySend: () => pausing === 0 && (takesAtOnce === null || inFlight() < takesAtOnce),
    tookAtMs: () => tookAtMs,
    noteBusy(refusal) {
      const others = inFlight() - 1;
      takesAtOnce = Math.max(1, others);
      if (isCrowded({ others, ...refusal })) return 'crowded';
      pauseFor(refusal);
      return 'pause';
    },
    noteOther(sentAtMs) {
      tookAtMs = time.monotonicMs();
      if (takesAtOnce !== null) takesAtOnce++;
      pause = pauseAfterAnswer(pause, sentAtMs);
    },
  };
}
