import type { SendOutcome } from '../../core/agent/line-decision.ts';
import { withModel } from '../../core/agent/model-name.ts';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import { adapterOf } from '../../core/fleet/models.ts';
import type { AgentDeps } from './deps.ts';
import type { LiveEngine } from './engine-host.ts';
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
  readonly leased: LeasedShard;
  readonly progress: Progress;
  readonly timeouts: RequestTimeouts;
}

/** Sends a line once; `grounded`: it may not be sent now. An isolated line is recorded first. */
export function fly(flight: Flight, context: FlightContext): Promise<SendOutcome | 'grounded'> {
  return flight.isolated ? flyAlone(flight, context) : takeOff(flight, context);
}

async function flyAlone(flight: Flight, context: FlightContext): Promise<SendOutcome | 'grounded'> {
  const recorded = await context.progress.isolate(flight.index, flight.engine.engineStart);
  return recorded && !flight.withdrawn ? takeOff(flight, context) : 'grounded';
}

function takeOff(
  flight: Flight,
  { deps, leased, progress, timeouts }: FlightContext,
): Promise<SendOutcome | 'grounded'> {
  if (!progress.maySend()) return Promise.resolve('grounded');
  flight.sentAtMs = deps.time.monotonicMs();
  return sendOnce({
    client: flight.engine.client,
    path: leased.started.shard.endpoint,
    body: bodyFor(deps.fleet, leased, flight),
    timeouts,
    ending: flight.ending,
  });
}

/** An engine that knows the model by another name gets that name; every other byte is the user's. */
function bodyFor(fleet: Fleet, leased: LeasedShard, { index, engine }: Flight): Uint8Array {
  const { servedModel = fleet.model } = engine;
  const { body } = lineAt(leased, index);
  const isAdapter = adapterOf(fleet, leased.started.shard.model) !== undefined;
  return servedModel === fleet.model || isAdapter ? body : withModel(body, servedModel);
}
