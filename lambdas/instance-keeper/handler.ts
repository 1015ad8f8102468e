import { NO_MEMORY, planInstances } from '../../core/fleet/instances.ts';
import type { GpuInstances } from '../../core/fleet/instances-port.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Clock, Records } from '../../core/ports.ts';
import { keep, put } from '../../core/records.ts';

export interface KeeperDeps {
  readonly records: Records;
  readonly instances: GpuInstances;
  readonly clock: Clock;
}

/**
 * Brings the groups to the number of instances that Tasks need. What is to be ended is recorded first, so that two
 * runs at once end nothing twice; a call that fails keeps nothing else from being done, and is told at the end.
 */
export const keepInstances = (deps: KeeperDeps) => async () => {
  const { records, instances, clock } = deps;
  const groups = await instances.look();
  const nowMs = clock.nowMs();
  const plan = await records.change(recordKeys.instanceMemory(), (remembered) => {
    const planned = planInstances({ nowMs, groups, memory: remembered ?? NO_MEMORY });
    const isNew = JSON.stringify(planned.memory) !== JSON.stringify(remembered ?? NO_MEMORY);
    return isNew ? put(planned.memory, planned) : keep(planned);
  });
  const ended: string[] = [];
  const failures: Error[] = [];
  const attempt = async (call: () => Promise<unknown>): Promise<void> => {
    await call().catch((error: Error) => failures.push(error));
  };
  for (const { group, desired } of plan.resize) await attempt(() => instances.resize(group, desired));
  for (const instance of plan.drain) await attempt(() => instances.drain(instance));
  for (const instance of plan.end) {
    await attempt(async () => {
      if ((await instances.end(instance)) === 'ended') ended.push(instance.id);
    });
  }
  if (failures.length > 0) {
    throw new AggregateError(failures, failures.map(({ message }) => message).join(' '));
  }
  return { resized: plan.resize, ended };
};
