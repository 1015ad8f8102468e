import type { SendOutcome } from '../../core/agent/line-decision.ts';
import { withModel } from '../../core/agent/model-name.ts';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import type { AgentDeps } from './deps.ts';
import type { EngineHost, LiveEngine } from './engine-host.ts';
import { lineAt } from './finished-lines.ts';
import type { LeasedShard } from './lease-shard.ts';
import type { Progress } from './progress.ts';
import { sendOnce } from './send-once.ts';

/** A line on its way through an engine. */
export interface Flight {
  readonly index: number;
  readonly engine: LiveEngine;
  /** Runs alone on the engine. */
  readonly isolated: boolean;
  /** Aborts when the line is taken back. */
  readonly withdrawn: AbortController;
  /** False while the record is not written yet that the line runs alone. */
  sent: boolean;
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
): Promise<SendOutcome | 'withdrawn' | 'grounded'> {
  const { index, engine } = flight;
  const { signal } = flight.withdrawn;
  const recorded = !flight.isolated || (await progress.isolate(index, engine.engineStart));
  if (signal.aborted) return 'withdrawn';
  if (!recorded || !progress.maySend()) return 'grounded';
  flight.sent = true;
  const outcome = await sendOnce({
    ...{ client: engine.client, path: leased.endpoint, signal, time: deps.time },
    body: bodyFor(deps.fleet, lineAt(leased, index).body),
    timeoutMs: deps.fleet.request.timeoutMs,
  });
  if (!signal.aborted && outcome.kind === 'unanswered') await host.examine(engine);
  return signal.aborted ? 'withdrawn' : outcome;
}

/** An engine that knows the model by another name gets that name; every other byte is the user's. */
function bodyFor({ engine }: Fleet, body: Uint8Array): Uint8Array {
  const renamed = engine.kind === 'openai-compatible' ? engine.model : undefined;
  return renamed === undefined ? body : withModel(body, renamed);
}
