import type { Clock } from '../../step-functions/clock.ts';
import type { Task, TaskOrder, TaskState } from './task.ts';

/** DescribeTasks shows a stopped task for about an hour. */
const STOPPED_SHOWN_MS = 3_600_000;

export interface TaskBook {
  add(order: TaskOrder, state: TaskState): Task;
  /** Finds a task by its id or its ARN. */
  find(idOrArn: string): Task | undefined;
  all(): readonly Task[];
  /** Applies a change, raises the version and tells of it. */
  change(id: string, change: Partial<TaskState>): Task;
}

/** The tasks of this run of the stack, in the order in which they were made. */
export function openTaskBook(clock: Clock, onChange: (task: Task) => void): TaskBook {
  const tasks = new Map<string, Task>();
  const record = (task: Task) => {
    tasks.set(task.id, task);
    onChange(task);
    return task;
  };
  const current = () => {
    const oldestMs = clock.nowMs() - STOPPED_SHOWN_MS;
    for (const task of tasks.values()) {
      if (task.stoppedAtMs !== undefined && task.stoppedAtMs < oldestMs) tasks.delete(task.id);
    }
    return tasks;
  };
  return {
    add: (order, state) => record({ ...order, ...state, version: 1, updatedAtMs: clock.nowMs() }),
    find(idOrArn) {
      const task = current().get(idOrArn.split('/').at(-1) ?? '');
      return task === undefined || (idOrArn.includes('/') && task.arn !== idOrArn) ? undefined : task;
    },
    all: () => [...current().values()],
    change(id, change) {
      const task = tasks.get(id);
      if (task === undefined) throw new Error(`There is no task ${id}.`);
      return record({ ...task, ...change, version: task.version + 1, updatedAtMs: clock.nowMs() });
    },
  };
}
