import type { FleetTasks } from '../../core/fleet/tasks-port.ts';
import type { FleetId } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Executions, Records } from '../../core/ports.ts';
import { wake } from '../../core/protocol/loop.ts';
import { keep } from '../../core/records.ts';
import type { Signal } from './signal.ts';

export interface SignalDeps {
  readonly records: Records;
  readonly executions: Executions;
  readonly tasks: Pick<FleetTasks, 'stopOnInstance'>;
  readonly fleetIds: readonly FleetId[];
}

/**
 * Asks the Tasks on an instance that spot takes back to drain, for ECS would stop only those of services. Lets the
 * loops that run plan anew. One that has stopped had no open work, and is left alone: Tasks that end for
 * want of work would start it again and again.
 */
export const handleSignal = (deps: SignalDeps) => async (signal: Signal) => {
  if (signal.kind === 'interruption') await deps.tasks.stopOnInstance(signal.instanceId);
  const concerned = signal.kind === 'fleet' ? [signal.fleetId] : deps.fleetIds;
  for (const fleetId of concerned) {
    const woken = await deps.records.change(recordKeys.loop(fleetId), (loop) =>
      loop === null || loop.state === 'stopped' ? keep(null) : wake(loop, fleetId),
    );
    if (woken?.token != null) await deps.executions.sendToken(woken.token);
  }
};
