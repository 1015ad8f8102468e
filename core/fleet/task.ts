export type Capacity = 'spot' | 'on-demand';

/** How a Task ended: taken by spot, ended by us (or idle), never given an instance, or by its own failure. */
export type TaskEnd = 'interrupted' | 'ended' | 'unplaced' | 'failed';

/** A Task of a Fleet as ECS shows it. */
export interface FleetTask {
  readonly arn: string;
  readonly capacity: Capacity;
  readonly createdAtMs: number;
  readonly status:
    | { readonly kind: 'starting' }
    | { readonly kind: 'running' }
    | { readonly kind: 'stopping' }
    | { readonly kind: 'stopped'; readonly atMs: number; readonly end: TaskEnd };
}

export interface StoppedTaskFacts {
  /** It got an instance. */
  readonly placed: boolean;
  readonly stopCode: string | undefined;
  readonly stoppedReason: string | undefined;
  /** Of the containers that had one. */
  readonly exitCodes: readonly number[];
}

/** Stop codes that are not the Task's own doing (ECS API reference, Task.stopCode). */
const ENDED_FROM_OUTSIDE = new Set(['UserInitiated', 'ServiceSchedulerInitiated', 'TerminationNotice']);

/**
 * An Interruption is not a failure, and neither is an end that we asked for or that the agent chose (exit 0), nor
 * that ECS gave up after minutes without capacity.
 */
export function taskEnd(facts: StoppedTaskFacts): TaskEnd {
  const { stopCode, stoppedReason = '', exitCodes } = facts;
  if (stopCode === 'SpotInterruption' || /host ec2 .* terminated/i.test(stoppedReason)) return 'interrupted';
  if (stopCode !== undefined && ENDED_FROM_OUTSIDE.has(stopCode)) return 'ended';
  if (!facts.placed) return 'unplaced';
  return exitCodes.length > 0 && exitCodes.every((code) => code === 0) ? 'ended' : 'failed';
}
