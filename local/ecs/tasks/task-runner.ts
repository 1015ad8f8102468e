import type { StopCause, Task } from './task.ts';
import { finish, place, type RunContext, signalAll, type TaskRun } from './task-run.ts';

export interface TaskRunnerOptions extends RunContext {
  /** How long a task waits for capacity before ECS gives it up. */
  readonly provisioningTimeoutMs: number;
}

export interface TaskRunner {
  /** Brings a task in PROVISIONING to an instance, and through its life. */
  start(task: Task): void;
  /**
   * SIGTERM to the processes, and SIGKILL after the grace (by default each container's own stop timeout).
   * The first cause given stands, and without a grace of its own a later stop signals nothing. Settles when the task is STOPPED.
   */
  stop(taskId: string, cause: StopCause, graceMs?: number): Promise<void>;
  close(): Promise<void>;
}

interface Queued extends TaskRun {
  leaveQueue: () => void;
}

/** Runs tasks through PROVISIONING, PENDING, RUNNING, DEPROVISIONING and STOPPED. */
export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  const runs = new Map<string, Queued>();
  const start = (task: Task) => {
    const run = newRun(task);
    runs.set(task.id, run);
    void run.ended.promise.then(() => runs.delete(task.id));
    const timeout = options.clock.setTimer(options.provisioningTimeoutMs, () =>
      stop(task.id, noCapacity(task, options.provisioningTimeoutMs)),
    );
    run.timers.push(timeout);
    const ticket = options.poolOf(task.capacityProviderName).request(task.id, (instance) => {
      timeout.cancel();
      place(options, run, instance);
    });
    run.leaveQueue = ticket.cancel;
  };
  const stop = async (taskId: string, cause: StopCause, graceMs?: number) => {
    const run = runs.get(taskId);
    if (run === undefined) return;
    const stopping = run.cause !== undefined;
    if (!stopping) {
      run.cause = cause;
      const stoppingAtMs = options.clock.nowMs();
      options.book.change(taskId, { desiredStatus: 'STOPPED', stoppingAtMs, stopCause: cause });
    }
    run.leaveQueue();
    if (run.instance === undefined) finish(options, run);
    else if (!stopping || graceMs !== undefined) signalAll(options, run, graceMs);
    await run.ended.promise;
  };
  return {
    start,
    stop,
    async close() {
      const cause = { code: 'UserInitiated', reason: 'The local stack was stopped' } as const;
      await Promise.all([...runs.keys()].map((taskId) => stop(taskId, cause, 0)));
    },
  };
}

function newRun(task: Task): Queued {
  return {
    taskId: task.id,
    ended: Promise.withResolvers<void>(),
    children: [],
    timers: [],
    instance: undefined,
    cause: undefined,
    leaveQueue: () => undefined,
  };
}

function noCapacity(task: Task, waitedMs: number): StopCause {
  const reason = `No instance of ${task.capacityProviderName} came within ${waitedMs / 1000} s`;
  return { code: 'TaskFailedToStart', reason };
}
