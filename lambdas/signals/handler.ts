import type { Fleet } from '../../core/fleet/catalogue.ts';
import type { LaunchReason } from '../../core/fleet/launch-trouble.ts';
import type { Capacity } from '../../core/fleet/task.ts';
import type { FleetTasks } from '../../core/fleet/tasks-port.ts';
import type { FleetId } from '../../core/ids.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Metrics } from '../../core/metrics.ts';
import type { Clock, Executions, Records } from '../../core/ports.ts';
import { wake } from '../../core/protocol/loop.ts';
import { keep, put } from '../../core/records.ts';
import type { Signal } from './signal.ts';

/** An auto scaling group, and whose instances it starts. */
export interface Group {
  readonly name: string;
  readonly gpuClass: string;
  readonly capacity: Capacity;
}

export interface SignalDeps {
  readonly records: Records;
  readonly executions: Executions;
  readonly tasks: Pick<FleetTasks, 'stopOnInstance'>;
  readonly clock: Clock;
  readonly fleets: readonly Pick<Fleet, 'id' | 'gpuClass'>[];
  readonly groups: readonly Group[];
  readonly metrics: Metrics;
}

/**
 * Asks the Tasks on an instance that spot takes back to drain, for ECS would stop only those of services; notes why
 * instances do not come; and lets the loops that run plan anew. A loop that has stopped had no open work, and is left
 * alone: Tasks that end for want of work would start it again and again.
 */
export const handleSignal = (deps: SignalDeps) => async (signal: Signal) => {
  if (signal.kind === 'interruption') await interrupt(deps, signal.instanceId);
  const group =
    signal.kind === 'launch-failed' ? deps.groups.find(({ name }) => name === signal.group) : undefined;
  if (group !== undefined) countLaunchFailure(deps, group);
  const ofGroup = deps.fleets.filter(({ gpuClass }) => group === undefined || gpuClass === group.gpuClass);
  const concerned = signal.kind === 'fleet' ? [signal.fleetId] : ofGroup.map(({ id }) => id);
  for (const fleetId of concerned) {
    if (group !== undefined && signal.kind === 'launch-failed')
      await note(deps, fleetId, { capacity: group.capacity, reason: signal.reason });
    await wakeRunning(deps, fleetId);
  }
};

/** EC2 warns of every spot instance of the account; other stacks' are not counted. */
async function interrupt({ tasks, metrics }: SignalDeps, instanceId: string): Promise<void> {
  if ((await tasks.stopOnInstance(instanceId)) === 'asked') metrics.emit({ Interruptions: 1 });
}

const countLaunchFailure = ({ metrics }: SignalDeps, { gpuClass, capacity }: Group): void =>
  metrics.emit({ LaunchFailures: 1 }, { gpuClass, capacity });

async function note(
  { records, clock }: SignalDeps,
  fleetId: FleetId,
  { capacity, reason }: { readonly capacity: Capacity; readonly reason: LaunchReason | null },
): Promise<void> {
  if (reason === null) return;
  const trouble = { fleetId, capacity, reason, atMs: clock.nowMs() };
  await records.change(recordKeys.launchTrouble(fleetId, capacity), () => put(trouble, undefined));
}

async function wakeRunning({ records, executions }: SignalDeps, fleetId: FleetId): Promise<void> {
  const woken = await records.change(recordKeys.loop(fleetId), (loop) =>
    loop === null || loop.state === 'stopped' ? keep(null) : wake(loop, fleetId),
  );
  if (woken?.token != null) await executions.sendToken(woken.token);
}
