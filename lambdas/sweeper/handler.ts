import type { FleetId } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Metrics } from '../../core/metrics.ts';
import type { StartPorts } from '../../core/protocol/start-execution.ts';
import { type SweptFleet, sweep } from '../../core/protocol/sweep.ts';
import { type SweptLoop, sweepMetrics } from '../../core/protocol/sweep-metrics.ts';
import { type CleanUpPorts, cleanUp } from '../../core/retention/clean-up.ts';
import type { Log } from '../log.ts';
import { reasonsOf } from '../reasons.ts';

export interface SweeperDeps extends StartPorts, CleanUpPorts {
  readonly fleetIds: readonly FleetId[];
  readonly metrics: Metrics;
  readonly log: Log;
  readonly warn: Log;
}

/** Revives what has died and goes on with the clean-up; neither stands in the other's way. */
export const sweepAndCleanUp = (deps: SweeperDeps) => async (): Promise<void> => {
  const [swept] = await Promise.allSettled([sweepAll(deps), measuredCleanUp(deps)]);
  if (swept.status === 'rejected') throw swept.reason;
};

/** Has an alarm of its own: a call that fails says that nothing is revived. The next round tries anew what failed. */
async function measuredCleanUp(deps: SweeperDeps): Promise<void> {
  try {
    await cleanUp(deps);
  } catch (error) {
    deps.metrics.emit({ CleanUpFailures: 1 });
    deps.warn('Something could not be cleaned up.', { reasons: reasonsOf(error) });
  }
}

async function sweepAll(deps: SweeperDeps): Promise<void> {
  const { batches, fleets, failures } = await sweep(deps, deps.fleetIds);
  const loops = await Promise.all(fleets.map((fleet) => loopOf(deps, fleet)));
  const values = sweepMetrics(batches, loops);
  if (values !== null) deps.metrics.emit(values);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} could not be swept.`);
}

/** A loop that is started again and again, and dies before it has planned, has a fresh heartbeat: the plan counts. */
async function loopOf({ records, clock, log }: SweeperDeps, swept: SweptFleet): Promise<SweptLoop> {
  const { fleetId, openSinceMs, revived } = swept;
  const summary = await records.read(recordKeys.fleetSummary(fleetId));
  const waitedMs = clock.nowMs() - Math.max(openSinceMs, summary?.atMs ?? 0);
  log('A Fleet has open work.', { fleetId, waitedMs, revived });
  return { revived, waitedMs };
}
