import { planInstances } from '../../core/fleet/instances.ts';
import type { GpuInstances } from '../../core/fleet/instances-port.ts';
import { recordKeys } from '../../core/keys.ts';
import type { Clock, Records } from '../../core/ports.ts';
import { put } from '../../core/records.ts';

export interface KeeperDeps {
  readonly records: Records;
  readonly instances: GpuInstances;
  readonly clock: Clock;
}

/** Brings the groups to the number of instances that Tasks need. Run twice, it asks for the same and ends none twice. */
export const keepInstances = (deps: KeeperDeps) => async () => {
  const { records, instances, clock } = deps;
  const key = recordKeys.idleInstances();
  const remembered = await records.read(key);
  const groups = await instances.look();
  const plan = planInstances({
    nowMs: clock.nowMs(),
    groups,
    idleSinceMs: remembered?.idleSinceMs ?? {},
  });
  for (const { group, desired } of plan.resize) await instances.resize(group, desired);
  const ended: string[] = [];
  for (const instance of plan.end) {
    if ((await instances.end(instance)) === 'ended') ended.push(instance.id);
  }
  const { idleSinceMs } = plan;
  if (Object.keys({ ...idleSinceMs, ...remembered?.idleSinceMs }).length > 0) {
    await records.change(key, () => put({ idleSinceMs }, undefined));
  }
  return { resized: plan.resize, ended };
};
