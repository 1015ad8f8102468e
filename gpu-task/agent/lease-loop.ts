import type { ReceivedHint } from '../../core/agent/ports.ts';
import type { AgentDeps } from './deps.ts';
import type { EngineHost } from './engine-host.ts';
import { leaseShard } from './lease-shard.ts';
import { reasonOf } from './log.ts';
import type { Workload } from './workload.ts';

/** SQS waits no longer. */
const MAX_WAIT_SECONDS = 20;
const AFTER_FAILURE_MS = 5000;

export interface LeaseLoopOptions {
  readonly deps: AgentDeps;
  readonly host: EngineHost;
  readonly work: Workload;
  /** Ends the loop at once, whatever is leased. */
  readonly halt: AbortSignal;
  /** From here on nothing is leased; the loop ends with the last Attempt. */
  readonly noNewLeases: AbortSignal;
}

/** Leases Shards as the engine has room for them, until halted, idle for too long or too old. */
export async function leaseLoop({ deps, host, work, halt, noNewLeases }: LeaseLoopOptions): Promise<void> {
  const { time, fleet, log } = deps;
  const bornAtMs = time.monotonicMs();
  while (!halt.aborted) {
    const nowMs = time.monotonicMs();
    const busy = work.size() > 0;
    const retiring = noNewLeases.aborted || nowMs - bornAtMs >= fleet.maxLifeMs;
    const idleSinceMs = busy ? nowMs : (work.endedAtMs() ?? bornAtMs);
    const idleLeftMs = fleet.idleExitMs - (nowMs - idleSinceMs);
    if (!busy && (retiring || idleLeftMs <= 0)) {
      return log.info('Nothing is left to do here.', { retiring });
    }
    if (retiring || !work.hasRoom() || host.live() === null) await work.changed.wait(halt);
    else await leaseNext({ deps, work, halt, noNewLeases, waitMs: idleLeftMs });
  }
}

type LeaseNextOptions = Omit<LeaseLoopOptions, 'host'> & { readonly waitMs: number };

async function leaseNext({ deps, work, halt, noNewLeases, waitMs }: LeaseNextOptions): Promise<void> {
  const waitSeconds = Math.min(MAX_WAIT_SECONDS, Math.max(1, Math.ceil(waitMs / 1000)));
  const stopped = AbortSignal.any([halt, noNewLeases]);
  try {
    for (const received of await deps.hints.receive(waitSeconds, stopped)) {
      if (stopped.aborted) await received.giveBack();
      else await answerHint(deps, work, received);
    }
  } catch (error) {
    if (stopped.aborted) return;
    deps.log.warn('No Shard could be leased; trying again.', { reason: reasonOf(error) });
    await deps.time.sleep(AFTER_FAILURE_MS, stopped);
  }
}

async function answerHint(deps: AgentDeps, work: Workload, { hint, done }: ReceivedHint): Promise<void> {
  const result = await leaseShard(deps, hint);
  if (result.kind === 'leased') work.add(result);
  else
    deps.log.info('A hint is void.', {
      batchId: hint.shard.batchId,
      shard: hint.shard.number,
      why: result.why,
    });
  await done();
}
