import type { AgentDeps } from './deps.ts';
import type { Workload } from './workload.ts';

/** What finishes during a drain is stored this often: the instance may go earlier than it said. */
const FLUSH_EVERY_MS = 5000;

export interface DrainOptions {
  /** Wall clock: until then Requests in flight may finish. */
  readonly untilMs: number;
  /** For the last flush of all Shards. */
  readonly lastFlushMs: number;
  /** Ends the waiting at once. */
  readonly hurry: AbortSignal;
}

/** Lets what is in flight finish, stores it, and gives back what is left. */
export async function drain(
  deps: AgentDeps,
  work: Workload,
  { untilMs, lastFlushMs, hurry }: DrainOptions,
): Promise<void> {
  const { time } = deps;
  work.stopAdmitting();
  void work.flush();
  let flushedAtMs = time.nowMs();
  while (work.inFlight() > 0 && time.nowMs() < untilMs && !hurry.aborted) {
    work.takeBackHopeless(time.monotonicMs() + untilMs - time.nowMs());
    if (work.inFlight() === 0) break;
    const waitMs = Math.min(untilMs, flushedAtMs + FLUSH_EVERY_MS) - time.nowMs();
    const woken = new AbortController();
    const either = AbortSignal.any([hurry, woken.signal]);
    await Promise.race([work.changed.wait(either), time.sleep(waitMs, either)]);
    woken.abort();
    if (time.nowMs() < flushedAtMs + FLUSH_EVERY_MS) continue;
    flushedAtMs = time.nowMs();
    void work.flush();
  }
  await work.giveBack(lastFlushMs);
}
