import type { AgentTime } from '../../core/agent/ports.ts';

/** Ends what takes longer than a time that is the same for all. */
export interface RequestTimeouts {
  /** Calls `expire` when the time is over, unless what is returned was called before. */
  start(expire: () => void): () => void;
}

interface Running {
  readonly untilMs: number;
  readonly expire: () => void;
}

/** One sleep until the oldest is due, instead of a timer for each of thousands. */
export function requestTimeouts(time: AgentTime, timeoutMs: number, over: AbortSignal): RequestTimeouts {
  // In order of insertion, which is the order of expiry.
  const running = new Set<Running>();
  let watching = false;

  async function watch(): Promise<void> {
    watching = true;
    for (const oldest of running) {
      await time.sleep(oldest.untilMs - time.monotonicMs(), over);
      if (over.aborted) break;
      if (running.delete(oldest)) oldest.expire();
    }
    watching = false;
  }

  return {
    start(expire) {
      const request = { untilMs: time.monotonicMs() + timeoutMs, expire };
      running.add(request);
      if (!watching) void watch();
      return () => void running.delete(request);
    },
  };
}
