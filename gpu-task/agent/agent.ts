import { NO_ROOM, type Room } from '../../core/agent/admission.ts';
import { drainUntilMs, type StopCause } from '../../core/agent/stop-plan.ts';
import type { AgentDeps } from './deps.ts';
import { drain } from './drain.ts';
import { engineHost } from './engine-host.ts';
import { type EngineWatch, engineWatch } from './engine-watch.ts';
import { type GpuWatch, gpuWatch } from './gpu-watch.ts';
import { leaseLoop } from './lease-loop.ts';
import { reasonOf } from './log.ts';
import { openTally } from './tally.ts';
import { vitals } from './vitals.ts';
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
 * ran out of work, 1 where the engine cannot be brought up or a GPU errs.
 */
export async function runAgent(deps: AgentDeps, stops: Stops): Promise<0 | 1> {
  const [failed, over] = [new AbortController(), new AbortController()];
  const parts = assemble(deps, stops, failed);
  const { host, work, gpus, signs } = parts;
  const halt = AbortSignal.any([stops.stop, failed.signal]);
  void gpus.follow(over.signal);
  void signs.follow(over.signal);
  try {
    await host.start(halt);
    await leaseLoop({ deps, host, work, halt, noNewLeases: stops.noNewLeases });
  } catch (error) {
    if (!stops.stop.aborted) failed.abort(error);
  }
  await windDown(deps, parts, stops);
  over.abort();
  await host.stop();
  signs.emit();
  if (!failed.signal.aborted) return 0;
  deps.log.warn('The agent ends with a failure.', { reason: reasonOf(failed.signal.reason) });
  return 1;
}

/** The parts of an agent, each told of what it must know of the others. */
function assemble(deps: AgentDeps, { stop }: Stops, failed: AbortController) {
  const tally = openTally();
  const host = engineHost(deps, {
    async onDeath(engineStart) {
      tally.add('EngineDeaths');
      const charge = work.engineDied(engineStart);
      const health = await gpus.examine();
      if (health.kind !== 'erring' || health.cause !== 'memory') charge();
      if (health.kind === 'erring') throw new Error(health.why);
    },
    onReady(engine) {
      watch.follow(engine);
      work.pump();
    },
    onFailed(error) {
      if (!stop.aborted) failed.abort(error);
    },
  });
  const watch: EngineWatch = engineWatch(deps, {
    inFlight: () => work.inFlight(),
    onRoom: () => work.pump(),
    onStall: (engine) => host.replace(engine),
  });
  const gpus: GpuWatch = gpuWatch(deps, tally, {
    isolates: () => work.isolates(),
    untilChanged: (signal) => work.changed.wait(signal),
    onRoom: () => work.pump(),
    onErring({ why }) {
      if (!stop.aborted) failed.abort(new Error(why));
    },
  });
  const room = (): Room => (gpus.holdsBack() ? NO_ROOM : watch.room());
  const work: Workload = workload({ deps, host, tally, room });
  const signs = vitals(deps, { tally, engine: watch.shown, gpus: gpus.seen });
  return { host, work, gpus, signs, tally };
}

type Parts = Pick<ReturnType<typeof assemble>, 'work' | 'signs' | 'tally'>;

async function windDown(
  deps: AgentDeps,
  { work, signs, tally }: Parts,
  { stop, hurry }: Stops,
): Promise<void> {
  const cause = stop.aborted ? (stop.reason as StopCause) : null;
  const untilMs = cause === null ? deps.time.nowMs() : drainUntilMs(cause);
  if (cause !== null) deps.log.info('The agent stops.', { cause: cause.kind, drainMs: untilMs - cause.atMs });
  if (cause?.kind === 'interruption') {
    tally.add('Interruptions');
    // The instance may go earlier than it said.
    signs.emit();
  }
  await drain(deps, work, { untilMs, hurry });
}
