import { mayMeanDeath, type SendOutcome } from '../../core/agent/line-decision.ts';
import { withModel } from '../../core/agent/model-name.ts';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import { adapterOf } from '../../core/fleet/models.ts';
import type { AgentDeps } from './deps.ts';
import type { EngineHost, LiveEngine } from './engine-host.ts';
import { lineAt } from './finished-lines.ts';
import type { LeasedShard } from './lease-shard.ts';
import type { Progress } from './progress.ts';
import type { RequestTimeouts } from './request-timeouts.ts';
import { sendOnce } from './send-once.ts';

/** A line on its way through an engine. */
export interface Flight {
  readonly index: number;
  readonly engine: LiveEngine;
  /** Runs alone on the engine. */
  readonly isolated: boolean;
  /** That it is expected to need in the engine's cache. */
  readonly tokens: number;
  readonly bodyBytes: number;
  /** Aborts when the line is taken back or its time is over. */
  readonly ending: AbortController;
  /** The line is not this flight's any more. */
  withdrawn: boolean;
  /** Monotonic; null while the record is not written yet that the line runs alone. */
  sentAtMs: number | null;
}

export interface FlightContext {
  readonly deps: AgentDeps;
  readonly host: EngineHost;
  readonly leased: LeasedShard;
  readonly progress: Progress;
}

/**
 * Sends a line once. `withdrawn`: it was taken back, or its engine died with it, and is not this flight's any more;
 * `grounded`: it may not be sent now. An isolated line is recorded first.
 */
export async function fly(
  flight: Flight,
  { deps, host, leased, progress }: FlightContext,
  timeouts: RequestTimeouts,
): Promise<SendOutcome | 'withdrawn' | 'grounded'> {
  const { index, engine, ending } = flight;
  const recorded = !flight.isolated || (await progress.isolate(index, engine.engineStart));
  if (flight.withdrawn) return 'withdrawn';
  if (!recorded || !progress.maySend()) return 'grounded';
  flight.sentAtMs = deps.time.monotonicMs();
  const outcome = await sendOnce({
    ...{ client: engine.client, path: leased.started.shard.endpoint, ending, timeouts },
    body: bodyFor(deps.fleet, leased, flight),
  });
  // It counts as in flight until that is known: a death now is charged to it.
  if (!flight.withdrawn && mayMeanDeath(outcome)) await host.examine(engine);
  return flight.withdrawn ? 'withdrawn' : outcome;
}

/** An engine that knows the model by another name gets that name; every other byte is the user's. */
function bodyFor(fleet: Fleet, leased: LeasedShard, { index, engine }: Flight): Uint8Array {
  const { servedModel = fleet.model } = engine;
  const { body } = lineAt(leased, index);
  const isAdapter = adapterOf(fleet, leased.started.shard.model) !== undefined;
  return servedModel === fleet.model || isAdapter ? body : withModel(body, servedModel);
}
