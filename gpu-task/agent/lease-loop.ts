import type { ReceivedHint } from '../../core/agent/ports.ts';
import { recordKeys } from '../../core/keys.ts';
import { release } from '../../core/protocol/lease.ts';
import type { AgentDeps } from './deps.ts';
import type { EngineHost } from './engine-host.ts';
import { type LeasedShard, leaseShard } from './lease-shard.ts';
import { reasonOf } from './log.ts';
import type { Workload } from './workload.ts';

/** SQS waits no longer. */
const MAX_WAIT_SECONDS = 20;
const AFTER_FAILURE_MS = 5000;
const LOOK_EVERY_MS = 20_000;
/**
 * How much longer than idle an agent waits for the recorder. One that is away for longer finds the reports in its queue,
 * and the next Attempt adopts what is stored: no GPU has to stand by for that.
 */
const RECORDED_WITHIN_MS = 900_000;

/** Shards are cut to end within minutes: what is not through so long after the maximum life goes on in another Task. */
const RETIRED_WITHIN_MS = 3_600_000;

export interface LeaseLoopOptions {
  readonly deps: AgentDeps;
  readonly host: EngineHost;
  readonly work: Workload;
  /** Ends the loop, whatever is leased. A Lease that was under way is given back when it comes. */
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
    const restedMs = nowMs - (work.restingSinceMs() ?? nowMs);
    if (restedMs >= fleet.idleExitMs + RECORDED_WITHIN_MS) {
      return log.warn('Last reports are not recorded; their Shards are given back.', { shards: work.size() });
    }
    if (nowMs - bornAtMs >= fleet.maxLifeMs + RETIRED_WITHIN_MS) {
      return log.warn('The agent is too old; its Shards are given back.', { shards: work.size() });
    }
    if (retiring || !work.hasRoom() || host.live() === null) await untilChanged(deps, work, halt);
    else await leaseNext({ deps, work, halt, noNewLeases, waitMs: idleLeftMs });
  }
}

/** Until there is something else to do, or it is time to look at the clock. */
async function untilChanged({ time }: AgentDeps, work: Workload, halt: AbortSignal): Promise<void> {
  const woken = new AbortController();
  const either = AbortSignal.any([halt, woken.signal]);
  await Promise.race([work.changed.wait(either), time.sleep(LOOK_EVERY_MS, either)]);
  woken.abort();
}

type LeaseNextOptions = Omit<LeaseLoopOptions, 'host'> & { readonly waitMs: number };

async function leaseNext({ deps, work, halt, noNewLeases, waitMs }: LeaseNextOptions): Promise<void> {
  const waitSeconds = Math.min(MAX_WAIT_SECONDS, Math.max(1, Math.ceil(waitMs / 1000)));
  const stopped = AbortSignal.any([halt, noNewLeases]);
  try {
    for (const received of await deps.hints.receive(waitSeconds, stopped)) {
      if (stopped.aborted) await received.giveBack();
      else await answerHint({ deps, work, halt }, received);
    }
  } catch (error) {
    if (stopped.aborted) return;
    deps.log.warn('No Shard could be leased; trying again.', { reason: reasonOf(error) });
    await deps.time.sleep(AFTER_FAILURE_MS, stopped);
  }
}

async function answerHint(
  { deps, work, halt }: Pick<LeaseLoopOptions, 'deps' | 'work' | 'halt'>,
  received: ReceivedHint,
): Promise<void> {
  const { hint, done } = received;
  const result = await leaseShard(deps, hint, halt);
  if (result.kind === 'leased' && halt.aborted) return giveBackLate(deps, result, received);
  if (result.kind === 'leased') work.add(result);
  else
    deps.log.info('A hint is void.', {
      batchId: hint.shard.batchId,
      shard: hint.shard.number,
      why: result.why,
    });
  await done();
}

/** Another Task can have the Shard at once. */
async function giveBackLate(
  { records, owner }: AgentDeps,
  { started }: LeasedShard,
  { hint, giveBack }: ReceivedHint,
): Promise<void> {
  const holder = { owner, fence: started.shard.fence };
  await records.change(recordKeys.shard(hint.shard), (shard) => release(shard, holder));
  await giveBack();
}
