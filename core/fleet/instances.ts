/** One auto scaling group, and what ECS has of it. Instances that are being ended are no part of it. */
export interface InstanceGroup {
  readonly name: string;
  readonly gpusPerInstance: number;
  readonly maxInstances: number;
  readonly desired: number;
  /** Instances that the group has, those among them that have not joined the cluster yet. */
  readonly launched: number;
  /** GPUs that placed Tasks of this group still lack: what its Tasks in PROVISIONING ask for. */
  readonly waitingGpus: number;
  readonly instances: readonly GpuInstance[];
}

/** An instance that is in service. */
export interface GpuInstance {
  /** EC2's. */
  readonly id: string;
  /** ECS's; null where it has not joined the cluster. */
  readonly arn: string | null;
  readonly busy: boolean;
  readonly freeGpus: number;
  /** Takes no Task any more. */
  readonly draining: boolean;
  /** A Task on it has ended because a GPU failed: it may take no other. */
  readonly failed: boolean;
}

/** What is remembered from look to look, by the ids of instances. */
export interface InstanceMemory {
  /** Since when an instance was seen without a Task. */
  readonly idleSinceMs: Readonly<Record<string, number>>;
  /** When it was last decided to end it. */
  readonly endedAtMs: Readonly<Record<string, number>>;
}

export interface InstanceFacts {
  readonly nowMs: number;
  readonly groups: readonly InstanceGroup[];
  readonly memory: InstanceMemory;
}

export interface InstancePlan {
  /** Groups that want another number of instances than they are set to. */
  readonly resize: readonly { readonly group: string; readonly desired: number }[];
  /** Failed, with Tasks on their other GPUs: they may take no other Task, and end when the last one has. */
  readonly drain: readonly GpuInstance[];
  readonly end: readonly GpuInstance[];
  readonly memory: InstanceMemory;
}

export const NO_MEMORY: InstanceMemory = { idleSinceMs: {}, endedAtMs: {} };

/** Long enough for the next Task of the Fleet to find a warm instance, short enough to cost little. */
const KEEP_IDLE_MS = 2 * 60_000;
/** A spot instance joins its cluster within a minute or so; what has not after this never will. */
const JOIN_WITHIN_MS = 15 * 60_000;
/** Ending the same instance twice would lower the group's wish twice; a call that failed is repeated after this. */
const END_AGAIN_MS = 3 * 60_000;

/**
 * How many instances there should be. ECS's managed scaling follows a metric of one minute, launches two instances
 * from zero and takes a quarter of an hour to let one go; this adds what waiting Tasks lack at once, ends what nobody
 * uses, what never joins the cluster or has a GPU that failed, and takes back what was asked for and has not come when
 * nobody waits for it.
 */
export function planInstances({ nowMs, groups, memory }: InstanceFacts): InstancePlan {
  const ofGroups = groups.map((group) => ({ group, idle: group.instances.filter(({ busy }) => !busy) }));
  const idle = ofGroups.flatMap((each) => each.idle);
  const idleSinceMs = Object.fromEntries(idle.map(({ id }) => [id, memory.idleSinceMs[id] ?? nowMs]));
  const isOver = (instance: GpuInstance, group: InstanceGroup): boolean => {
    const forMs = nowMs - (idleSinceMs[instance.id] ?? nowMs);
    if (instance.arn === null) return forMs >= JOIN_WITHIN_MS;
    return instance.draining || instance.failed || (group.waitingGpus === 0 && forMs >= KEEP_IDLE_MS);
  };
  const isBeingEnded = ({ id }: GpuInstance): boolean =>
    nowMs - (memory.endedAtMs[id] ?? Number.NEGATIVE_INFINITY) < END_AGAIN_MS;
  const over = ofGroups.flatMap(({ group, idle: ofGroup }) => ofGroup.filter((each) => isOver(each, group)));
  const end = over.filter((instance) => !isBeingEnded(instance));
  const ending = over.map(({ id }) => [
    id,
    end.some((each) => each.id === id) ? nowMs : memory.endedAtMs[id],
  ]);
  return {
    resize: groups.flatMap((group) => {
      const lost = over.filter(
        ({ id, arn }) => arn === null && group.instances.some((each) => each.id === id),
      );
      const desired = wantedInstances(group, lost.length);
      return desired === group.desired ? [] : [{ group: group.name, desired }];
    }),
    drain: groups.flatMap(({ instances }) =>
      instances.filter(({ busy, failed, draining }) => busy && failed && !draining),
    ),
    end,
    memory: { idleSinceMs, endedAtMs: Object.fromEntries(ending) },
  };
}

/** What to set as the group's wish, with so many instances that never join; ending one lowers it by itself. */
export function wantedInstances(group: InstanceGroup, lost = 0): number {
  const { desired, launched, instances, gpusPerInstance, maxInstances, waitingGpus } = group;
  if (waitingGpus === 0) return Math.min(desired, launched);
  const standing = Math.max(desired, launched);
  const joined = instances.filter(({ arn }) => arn !== null);
  const open = joined.filter(({ draining, failed }) => !draining && !failed);
  const freeGpus = open.reduce((sum, instance) => sum + instance.freeGpus, 0);
  const coming = Math.max(0, standing - joined.length - lost) * gpusPerInstance;
  const missing = Math.max(0, waitingGpus - freeGpus - coming);
  return Math.max(desired, Math.min(maxInstances, standing + Math.ceil(missing / gpusPerInstance)));
}
