/** One auto scaling group, and what ECS has of it. */
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

/** An instance that has joined the cluster. */
export interface GpuInstance {
  /** EC2's. */
  readonly id: string;
  /** ECS's. */
  readonly arn: string;
  readonly busy: boolean;
  readonly freeGpus: number;
  /** Takes no Task any more. */
  readonly draining: boolean;
}

export interface InstanceFacts {
  readonly nowMs: number;
  readonly groups: readonly InstanceGroup[];
  /** Since when an instance was seen without a Task, by its id. */
  readonly idleSinceMs: Readonly<Record<string, number>>;
}

export interface InstancePlan {
  /** Groups that want another number of instances than they are set to. */
  readonly resize: readonly { readonly group: string; readonly desired: number }[];
  readonly end: readonly GpuInstance[];
  /** To be remembered until the next look. */
  readonly idleSinceMs: Readonly<Record<string, number>>;
}

/** Long enough for the next Task of the Fleet to find a warm instance, short enough to cost little. */
const KEEP_IDLE_MS = 2 * 60_000;

/**
 * How many instances there should be. ECS's managed scaling follows a metric of one minute, launches two instances
 * from zero and takes a quarter of an hour to let one go; this adds what waiting Tasks lack at once, ends what nobody
 * uses, and takes back what was asked for and has not come when nobody waits for it.
 */
export function planInstances({ nowMs, groups, idleSinceMs }: InstanceFacts): InstancePlan {
  const idle = groups.flatMap((group) => (group.waitingGpus > 0 ? [] : group.instances.filter(isIdle)));
  const since = Object.fromEntries(idle.map(({ id }) => [id, idleSinceMs[id] ?? nowMs]));
  return {
    resize: groups.flatMap((group) => {
      const desired = wantedInstances(group);
      return desired === group.desired ? [] : [{ group: group.name, desired }];
    }),
    end: idle.filter(({ id }) => nowMs - (since[id] ?? nowMs) >= KEEP_IDLE_MS),
    idleSinceMs: since,
  };
}

/** Instances to be set as the group's wish; ending one lowers it by itself. */
export function wantedInstances(group: InstanceGroup): number {
  const { desired, launched, instances, gpusPerInstance, maxInstances, waitingGpus } = group;
  if (waitingGpus === 0) return Math.min(desired, launched);
  const standing = Math.max(desired, launched);
  const freeGpus = instances.reduce((sum, { draining, freeGpus: free }) => sum + (draining ? 0 : free), 0);
  const coming = Math.max(0, standing - instances.length) * gpusPerInstance;
  const missing = Math.max(0, waitingGpus - freeGpus - coming);
  return Math.max(desired, Math.min(maxInstances, standing + Math.ceil(missing / gpusPerInstance)));
}

const isIdle = ({ busy }: GpuInstance): boolean => !busy;
