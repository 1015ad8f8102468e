import type { Clock, Timer } from '../../step-functions/clock.ts';
import type { CapacityProvider } from '../resources/capacity-provider.ts';
import type { Instance } from './instance.ts';

export interface PoolOptions {
  readonly provider: CapacityProvider;
  readonly clock: Clock;
  readonly instanceStartMs: number;
  /** How long an instance without a task stays before it is given back. */
  readonly instanceIdleMs: number;
  readonly launch: () => Promise<Instance>;
}

/** The instances of one capacity provider, and the tasks that wait for one. */
export interface Pool {
  readonly provider: CapacityProvider;
  instances(): readonly Instance[];
  /** Places the task as soon as there is an instance for it, first come, first served. */
  request(taskId: string, place: (instance: Instance) => void): { cancel(): void };
  /** The instance's task has ended. */
  release(instanceId: string): void;
  /** It runs on, but takes no new task. */
  setUnderNotice(instanceId: string, underNotice: boolean): void;
  /** The instance is gone; its place is free for another. */
  remove(instanceId: string): Promise<void>;
  /** The group's wished number of instances, those among them that managed scaling started. */
  desired(): number;
  /** Instances are started up to it, with or without a task that waits; none is ended. */
  setDesired(desired: number): void;
  /** Lets at most so many instances stand (never more than the group's size); running ones stay. */
  setSlots(slots: number): void;
  /** Places no further task; those that wait go on waiting. */
  freeze(): void;
  close(): Promise<void>;
}

interface Waiting {
  readonly taskId: string;
  readonly place: (instance: Instance) => void;
}

/** A pool that starts instances for waiting tasks, up to the slots of its group, as managed scaling does. */
export function openPool({ provider, clock, instanceStartMs, instanceIdleMs, launch }: PoolOptions): Pool {
  const instances = new Map<string, Instance>();
  const idleTimers = new Map<string, Timer>();
  const launches = new Set<Timer>();
  const waiting: Waiting[] = [];
  let slots = provider.slots;
  let starting = 0;
  let wished = 0;
  let closed = false;
  let frozen = false;

  const remove = async (id: string) => {
    const instance = instances.get(id);
    idleTimers.get(id)?.cancel();
    idleTimers.delete(id);
    instances.delete(id);
    fill();
    await instance?.metadata.close();
  };
  const becomeIdle = (instance: Instance) => {
    instances.set(instance.id, { ...instance, taskId: undefined });
    fill();
    if (instances.get(instance.id)?.taskId !== undefined) return;
    idleTimers.set(
      instance.id,
      clock.setTimer(instanceIdleMs, () => {
        wished = Math.min(wished, instances.size - 1);
        void remove(instance.id);
      }),
    );
  };
  const assign = (instance: Instance, { taskId, place }: Waiting) => {
    idleTimers.get(instance.id)?.cancel();
    idleTimers.delete(instance.id);
    const busy = { ...instance, taskId };
    instances.set(instance.id, busy);
    place(busy);
  };
  const start = () => {
    starting += 1;
    const timer = clock.setTimer(instanceStartMs, () => {
      launches.delete(timer);
      void launch().then((instance) => {
        starting -= 1;
        return closed ? instance.metadata.close() : becomeIdle(instance);
      });
    });
    launches.add(timer);
  };
  const fill = () => {
    if (frozen) return;
    for (const instance of instances.values()) {
      if (instance.taskId !== undefined || instance.underNotice) continue;
      const next = waiting.shift();
      if (next === undefined) break;
      assign(instance, next);
    }
    const standing = () => instances.size + starting;
    const isWanted = () => starting < waiting.length || standing() < wished;
    while (!closed && isWanted() && standing() < slots) start();
  };

  return {
    provider,
    instances: () => [...instances.values()],
    request(taskId, place) {
      const entry = { taskId, place };
      waiting.push(entry);
      fill();
      return {
        cancel: () => {
          const index = waiting.indexOf(entry);
          if (index >= 0) waiting.splice(index, 1);
        },
      };
    },
    release(id) {
      const instance = instances.get(id);
      if (instance !== undefined) becomeIdle(instance);
    },
    setUnderNotice(id, underNotice) {
      const instance = instances.get(id);
      if (instance !== undefined) instances.set(id, { ...instance, underNotice });
      if (!underNotice) fill();
    },
    remove,
    desired: () => Math.max(wished, instances.size + starting),
    setDesired(desired) {
      wished = desired;
      fill();
    },
    setSlots(wanted) {
      slots = Math.min(wanted, provider.slots);
      fill();
    },
    freeze() {
      frozen = true;
    },
    async close() {
      closed = true;
      for (const timer of launches) timer.cancel();
      for (const timer of idleTimers.values()) timer.cancel();
      await Promise.all([...instances.values()].map((instance) => instance.metadata.close()));
    },
  };
}
