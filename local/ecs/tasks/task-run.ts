import type { Child } from '../../processes/child.ts';
import type { Clock, Timer } from '../../step-functions/clock.ts';
import type { Instance } from '../capacity/instance.ts';
import type { Pool } from '../capacity/pool.ts';
import { CannotStartContainer, exitCodeOf } from './container-process.ts';
import type { StopCause, Task, TaskContainer } from './task.ts';
import type { TaskBook } from './task-book.ts';

export interface RunContext {
  readonly book: TaskBook;
  readonly clock: Clock;
  readonly poolOf: (capacityProviderName: string) => Pool;
  readonly startContainer: (task: Task, containerIndex: number, instance: Instance) => Child;
}

/** A task that has not ended: what holds it, and what it holds. */
export interface TaskRun {
  readonly taskId: string;
  readonly ended: PromiseWithResolvers<void>;
  readonly children: Child[];
  readonly timers: Timer[];
  instance: Instance | undefined;
  cause: StopCause | undefined;
}

/** The task as it stands; a run without one is a bug. */
export function taskOf({ book }: RunContext, run: TaskRun): Task {
  const task = book.find(run.taskId);
  if (task === undefined) throw new Error(`The task ${run.taskId} is not in the book.`);
  return task;
}

/** Starts the containers on an instance: PENDING, then RUNNING, or STOPPED where one cannot be started. */
export function place(context: RunContext, run: TaskRun, instance: Instance): void {
  const { book, clock } = context;
  run.instance = instance;
  const { arn: containerInstanceArn, availabilityZone } = instance;
  const placed = { containerInstanceArn, availabilityZone, placedAtMs: clock.nowMs() };
  const task = book.change(run.taskId, { lastStatus: 'PENDING', ...placed });
  try {
    for (const index of task.containers.keys()) {
      run.children.push(context.startContainer(task, index, instance));
    }
  } catch (error) {
    if (!(error instanceof CannotStartContainer)) throw error;
    for (const child of run.children) child.killGroup();
    run.cause = { code: 'TaskFailedToStart', reason: error.message };
    finish(context, run);
    return;
  }
  const containers = task.containers.map((container) => ({ ...container, lastStatus: 'RUNNING' as const }));
  book.change(run.taskId, { lastStatus: 'RUNNING', startedAtMs: clock.nowMs(), containers });
  run.children.forEach((child, index) => {
    child.exited.then(
      (exit) => containerEnded(context, run, { index, end: { exitCode: exitCodeOf(exit) } }),
      (error: unknown) => containerEnded(context, run, { index, end: { reason: String(error) } }),
    );
  });
}

/**
 * SIGTERM to every process that lives, and SIGKILL after the grace (by default each container's own stop
 * timeout). A grace of zero is SIGKILL alone.
 */
export function signalAll(context: RunContext, run: TaskRun, graceMs?: number): void {
  const { containers, definition } = taskOf(context, run);
  run.children.forEach((child, index) => {
    if (containers[index]?.lastStatus === 'STOPPED') return;
    const ms = graceMs ?? definition.containers[index]?.stopTimeoutMs ?? 0;
    if (ms === 0) {
      child.killGroup();
      return;
    }
    child.signal('SIGTERM');
    run.timers.push(context.clock.setTimer(ms, () => child.killGroup()));
  });
}

/** DEPROVISIONING, then STOPPED; the instance is free for another task. */
export function finish(context: RunContext, run: TaskRun): void {
  const { book, clock } = context;
  for (const timer of run.timers) timer.cancel();
  const task = taskOf(context, run);
  book.change(run.taskId, {
    lastStatus: 'DEPROVISIONING',
    desiredStatus: 'STOPPED',
    stoppingAtMs: task.stoppingAtMs ?? clock.nowMs(),
    containers: task.containers.map((container) => ({ ...container, lastStatus: 'STOPPED' as const })),
    ...(run.cause && { stopCause: run.cause }),
  });
  book.change(run.taskId, { lastStatus: 'STOPPED', stoppedAtMs: clock.nowMs() });
  if (run.instance) context.poolOf(task.capacityProviderName).release(run.instance.id);
  run.ended.resolve();
}

interface ContainerEnd {
  readonly index: number;
  readonly end: Partial<TaskContainer>;
}

function containerEnded(context: RunContext, run: TaskRun, { index, end }: ContainerEnd): void {
  const task = taskOf(context, run);
  const containers = task.containers.map((container, position) =>
    position === index ? { ...container, ...end, lastStatus: 'STOPPED' as const } : container,
  );
  context.book.change(run.taskId, { containers });
  const last = containers.every((container) => container.lastStatus === 'STOPPED');
  const endsTask = last || task.definition.containers[index]?.essential === true;
  if (run.cause === undefined && endsTask) {
    run.cause = { code: 'EssentialContainerExited', reason: 'Essential container in task exited' };
    signalAll(context, run);
  }
  if (last) finish(context, run);
}
