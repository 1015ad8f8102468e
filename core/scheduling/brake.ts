import type { Capacity, FleetTask } from '../fleet/task.ts';

/** Why no Tasks are started on a capacity: those before keep failing. */
export interface Brake {
  readonly capacity: Capacity;
  /** Within the last ten minutes. */
  readonly failures: number;
  /** When the oldest failures that it takes for a brake are forgotten. */
  readonly untilMs: number;
}

/** So many failed Tasks within ten minutes are no accident: starting more would only burn money. */
const MAX_FAILURES = 5;
const FAILURE_MEMORY_MS = 10 * 60_000;

/** On each capacity whose Tasks keep failing; Interruptions and ends that we asked for are no failures. */
export function brakesOf(tasks: readonly FleetTask[], nowMs: number): readonly Brake[] {
  return (['spot', 'on-demand'] as const).flatMap((capacity) => {
    const newestFirst = recentEnds(tasks, nowMs)
      .filter((end) => end.failed && end.capacity === capacity)
      .sort((a, b) => b.atMs - a.atMs);
    const last = newestFirst[MAX_FAILURES - 1];
    if (last === undefined) return [];
    return [{ capacity, failures: newestFirst.length, untilMs: last.atMs + FAILURE_MEMORY_MS }];
  });
}

/** Whether the Task that ended last, within ten minutes, has failed. */
export function lastTaskFailed(tasks: readonly FleetTask[], nowMs: number): boolean {
  const ends = recentEnds(tasks, nowMs);
  const lastMs = Math.max(...ends.map(({ atMs }) => atMs));
  return ends.some(({ atMs, failed }) => failed && atMs === lastMs);
}

interface RecentEnd {
  readonly capacity: Capacity;
  readonly atMs: number;
  readonly failed: boolean;
}

const recentEnds = (tasks: readonly FleetTask[], nowMs: number): readonly RecentEnd[] =>
  tasks.flatMap(({ capacity, status }) =>
    status.kind === 'stopped' && status.atMs > nowMs - FAILURE_MEMORY_MS
      ? [{ capacity, atMs: status.atMs, failed: status.end === 'failed' }]
      : [],
  );
