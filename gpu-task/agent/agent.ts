import { drainUntilMs, type StopCause } from '../../core/agent/stop-plan.ts';
import type { AgentDeps } from './deps.ts';
import { drain } from './drain.ts';
import { engineHost } from './engine-host.ts';
import { type EngineWatch, engineWatch } from './engine-watch.ts';
import { leaseLoop } from './lease-loop.ts';
import { reasonOf } from './log.ts';
import { type Workload, workload } from './workload.ts';

/** What makes an agent stop. */
export interface Stops {
  /** Aborts with a `StopCause` as its reason. */
  readonly stop: AbortSignal;
  /** Lease nothing more, but finish what is leased: the instance may be taken away soon. */
  readonly noNewLeases: AbortSignal;
  /** Wait for nothing in flight any more. */
  readonly hurry: AbortSignal;
}

/**
 * Runs one agent to its end and answers the exit code of its Task: 0 for a stop, an Interruption or an agent that
 * ran out of work, 1 where the engine cannot be brought up.
 */
export async function runAgent(deps: AgentDeps, stops: Stops): Promise<0 | 1> {
  const failed = new AbortController();
  const host = engineHost(deps, {
    onDeath: (engineStart) => work.engineDied(engineStart),
    onReady(engine) {
      watch.follow(engine);
      work.pump();
    },
    onFailed: (error) => failed.abort(error),
  });
  const watch: EngineWatch = engineWatch(deps, {
    inFlight: () => work.inFlight(),
    onRoom: () => work.pump(),
    onStall: (engine) => host.replace(engine),
  });
  const work: Workload = workload(deps, host, watch);
  const halt = AbortSignal.any([stops.stop, failed.signal]);
  try {
    await host.start(halt);
    await leaseLoop({ deps, host, work, halt, noNewLeases: stops.noNewLeases });
  } catch (error) {
    if (!stops.stop.aborted) failed.abort(error);
  }
  await windDown(deps, work, stops);
  await host.stop();
  if (!failed.signal.aborted) return 0;
  deps.log.warn('The agent ends with a failure.', { reason: reasonOf(failed.signal.reason) });
  return 1;
}

async function windDown(deps: AgentDeps, work: Workload, { stop, hurry }: Stops): Promise<void> {
  const cause = stop.aborted ? (stop.reason as StopCause) : null;
  const untilMs = cause === null ? deps.time.nowMs() : drainUntilMs(cause);
  if (cause !== null) deps.log.info('The agent stops.', { cause: cause.kind, drainMs: untilMs - cause.atMs });
  await drain(deps, work, { untilMs, hurry });
}
