import type { HistoryEvent } from '../interpreter/history.ts';
import type { ExecutionEnd, ExecutionRecord } from './execution-store.ts';

const END_EVENTS: Readonly<Record<ExecutionEnd['status'], string>> = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
};

/** The last event of an execution's history; its details sit in the member named after the type. */
export function endEvent(end: ExecutionEnd): { readonly type: string; readonly details: object } {
  const type = END_EVENTS[end.status];
  const { output, error, cause } = end;
  const member = `${type[0]?.toLowerCase()}${type.slice(1)}EventDetails`;
  return { type, details: { [member]: end.status === 'SUCCEEDED' ? { output } : { error, cause } } };
}

/** The first and last event of an execution whose history is no longer in memory: all that its record tells. */
export function recordedEvents(execution: ExecutionRecord): readonly HistoryEvent[] {
  const { startedAtMs, stoppedAtMs, status, input } = execution;
  const started: HistoryEvent = {
    id: 1,
    previousEventId: 0,
    type: 'ExecutionStarted',
    timestampMs: startedAtMs,
    details: { executionStartedEventDetails: { input } },
  };
  if (status === 'RUNNING') return [started];
  const end: ExecutionEnd = {
    status,
    output: execution.output ?? undefined,
    error: execution.error ?? undefined,
    cause: execution.cause ?? undefined,
  };
  return [started, { id: 2, previousEventId: 1, timestampMs: stoppedAtMs ?? startedAtMs, ...endEvent(end) }];
}
