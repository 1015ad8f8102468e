import type { HistoryEvent } from '../interpreter/history.ts';

export interface HistoryArchive {
  keep(executionArn: string, events: readonly HistoryEvent[]): void;
  find(executionArn: string): readonly HistoryEvent[] | undefined;
}

/** Four of the longest histories that there can be: enough to look into what just went wrong. */
const KEPT_EVENTS = 100_000;

/** Keeps the histories of ended executions in memory, the oldest dropped first when there are too many events. */
export function createHistoryArchive(): HistoryArchive {
  const histories = new Map<string, readonly HistoryEvent[]>();
  let keptEvents = 0;
  return {
    keep(executionArn, events) {
      histories.set(executionArn, events);
      keptEvents += events.length;
      for (const [oldest, { length }] of histories) {
        if (keptEvents <= KEPT_EVENTS) break;
        histories.delete(oldest);
        keptEvents -= length;
      }
    },
    find: (executionArn) => histories.get(executionArn),
  };
}
