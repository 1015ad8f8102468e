import { addAbortListener } from 'node:events';
import { NO_ROOM, type Room } from '../../core/agent/admission.ts';
import { EXIT_CODES, type ExitCode } from '../../core/agent/exit-code.ts';
import { drainUntilMs, lastFlushMs, type StopCause } from '../../core/agent/stop-plan.ts';
import type { AgentDeps } from './deps.ts';
import { drain } from './drain.ts';
import { engineHost } from './engine-host.ts';
import { type EngineWatch, engineWatch } from './engine-watch.ts';
import { GpuFailed, type GpuWatch, gpuWatch } from './gpu-watch.ts';
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

/** For a Lease that comes after the stop to be given back; one that does not come ends with the Task. */
const LATE_LEASE_MS = 5000;

/**
 * Runs one agent to its end and answers the exit code of its Task. A GPU that errs during a stop is no failure: its
 * instance goes, or its Task was asked to.
 */
export async function runAgent(deps: AgentDeps, stops: Stops): Promise<ExitCode> {
  const [failed, over] = [new AbortController(), new AbortController()];
  const parts = assemble(deps, stops, failed);
  const { host, work, gpus, signs } = parts;
  const halt = AbortSignal.any([stops.stop, failed.signal]);
  void gpus.follow(over.signal);
  void signs.follow(over.signal);
  let leasing: Promise<void> | null = null;
  try {
    await host.start(halt);
    leasing = leaseLoop({ deps, host, work, halt, noNewLeases: stops.noNewLeases });
    // A Lease that is under way may take as long as its Shard's reading: a stop does not wait for it.
    await Promise.race([leasing, untilAborted(halt)]);
  } catch (error) {
    if (!stops.stop.aborted) failed.abort(error);
  }
  await windDown(deps, parts, stops);
  over.abort();
  await Promise.all([host.stop(), untilLate(deps, leasing, stops)]);
  signs.emit();
  if (!failed.signal.aborted) return EXIT_CODES.ended;
  const { reason } = failed.signal;
  deps.log.warn('The agent ends with a failure.', { reason: reasonOf(reason) });
  return reason instanceof GpuFailed ? EXIT_CODES.gpuFailed : EXIT_CODES.failed;
}

async function untilLate(
  { time }: AgentDeps,
  leasing: Promise<void> | null,
  { hurry }: Stops,
): Promise<void> {
  const ended = new AbortController();
  const late = time.sleep(LATE_LEASE_MS, AbortSignal.any([hurry, ended.signal]));
  await Promise.race([leasing?.catch(() => undefined), late]);
  ended.abort();
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => void addAbortListener(signal, () => resolve()));

/** The parts of an agent, each told of what it must know of the others. */
function assemble(deps: AgentDeps, { stop }: Stops, failed: AbortController) {
  const tally = openTally();
  const host = engineHost(deps, {
    async onDeath(engineStart) {
      tally.add('EngineDeaths');
      const charge = work.engineDied(engineStart);
      const health = await gpus.examine();
      if (health.kind !== 'erring' || health.cause !== 'memory') charge();
      if (health.kind === 'erring') throw new GpuFailed(health.why);
    },
    onReady(engine) {
      watch.follow(engine);
      work.pump();
    },
    onCleared: () => work.pump(),
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
      if (!stop.aborted) failed.abort(new GpuFailed(why));
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
    tally.add('InterruptionNotices');
    // The instance may go earlier than it said.
    signs.emit();
  }
  await drain(deps, work, { untilMs, lastFlushMs: lastFlushMs(cause), hurry });
}
