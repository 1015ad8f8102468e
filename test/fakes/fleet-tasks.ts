import type { FleetTask } from '../../core/fleet/task.ts';
import type { FleetTasks } from '../../core/fleet/tasks-port.ts';

export interface MemoryFleetTasks extends FleetTasks {
  /** Every Task, by ARN: change it as ECS would. */
  readonly all: Map<string, FleetTask>;
  /** Instances whose Tasks were asked to stop. */
  readonly stoppedInstances: string[];
}

/** Tasks in memory: `run` makes them start, `stop` asks them to end. */
export function memoryFleetTasks(nowMs: () => number): MemoryFleetTasks {
  const all = new Map<string, FleetTask>();
  const tokens = new Set<string>();
  const stoppedInstances: string[] = [];
  return {
    all,
    stoppedInstances,
    async stopOnInstance(instanceId) {
      stoppedInstances.push(instanceId);
      return 'asked';
    },
    list: async () => [...all.values()],
    async run(fleetId, { capacity, count, token }) {
      if (tokens.has(token)) return;
      tokens.add(token);
      for (let i = 0; i < count; i++) {
        const arn = `arn:task/${fleetId}/${all.size + 1}`;
        all.set(arn, { arn, capacity, createdAtMs: nowMs(), status: { kind: 'starting' } });
      }
    },
    async stop(arn) {
      const task = all.get(arn);
      if (task !== undefined) all.set(arn, { ...task, status: { kind: 'stopping' } });
    },
  };
}
