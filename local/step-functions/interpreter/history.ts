import type { Clock } from '../clock.ts';
import { runtimeFailure } from './state-failure.ts';

/** Step Functions' quota for one Standard execution, its last event included. */
const HISTORY_LIMIT_EVENTS = 25_000;

export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly timestampMs: number;
  readonly details: object;
}

/** The last event of one path of states: parallel paths each have their own. */
export interface Trail {
  lastEventId: number;
}

export interface History {
  readonly events: readonly HistoryEvent[];
  /** Adds an event and returns its id. Fails with States.Runtime when only the execution's end still fits. */
  record(trail: Trail, type: string, details?: object): number;
  /** Adds the execution's last event, for which there is always room. */
  recordEnd(trail: Trail, type: string, details?: object): void;
}

/** The event list of one execution; `details` holds the one member that AWS names after the event's type. */
export function createHistory(clock: Clock): History {
  const events: HistoryEvent[] = [];
  const append = (trail: Trail, type: string, details: object): number => {
    const id = events.length + 1;
    events.push({ id, previousEventId: trail.lastEventId, type, timestampMs: clock.nowMs(), details });
    trail.lastEventId = id;
    return id;
  };
  return {
    events,
    record(trail, type, details = {}) {
      if (events.length >= HISTORY_LIMIT_EVENTS - 1) {
        throw runtimeFailure(
          `The execution reached the maximum number of history events (${HISTORY_LIMIT_EVENTS}).`,
        );
      }
      return append(trail, type, details);
    },
    recordEnd: (trail, type, details = {}) => void append(trail, type, details),
  };
}
