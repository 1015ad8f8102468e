import { z } from 'zod';
import type { ExecutionRecord, ExecutionStore } from '../executions/execution-store.ts';
import type { Executions } from '../executions/executions.ts';
import type { StateMachines } from '../executions/state-machines.ts';
import { type Action, action } from './action.ts';
import { pageOf, pageRequest } from './paging.ts';

export interface ExecutionActionsOptions {
  readonly store: ExecutionStore;
  readonly machines: StateMachines;
  readonly executions: Executions;
}

const executionRef = z.object({ executionArn: z.string() });
const statusFilter = z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']);

/** The calls about executions, by their names on the wire (Step Functions API reference). */
export function executionActions({
  store,
  machines,
  executions,
}: ExecutionActionsOptions): Record<string, Action> {
  return {
    StartExecution: action(
      z.object({ stateMachineArn: z.string(), name: z.string().optional(), input: z.string().default('{}') }),
      (request) => {
        const started = executions.start(request);
        return { executionArn: started.arn, startDate: started.startedAtMs / 1000 };
      },
    ),
    StopExecution: action(
      executionRef.extend({
        error: z.string().max(256).optional(),
        cause: z.string().max(32_768).optional(),
      }),
      ({ executionArn, error, cause }) => {
        executions.stop(executionArn, { error, cause });
        return { stopDate: seconds(executions.find(executionArn).stoppedAtMs) };
      },
    ),
    DescribeExecution: action(executionRef, ({ executionArn }) => described(executions.find(executionArn))),
    ListExecutions: listAction(store, machines),
    GetExecutionHistory: historyAction(executions),
  };
}

function listAction(store: ExecutionStore, machines: StateMachines): Action {
  return action(
    pageRequest.extend({ stateMachineArn: z.string(), statusFilter: statusFilter.optional() }),
    (request) => {
      const { arn: stateMachineArn } = machines.find(request.stateMachineArn);
      const page = pageOf(request, (offset, limit) =>
        store.list({ stateMachineArn, status: request.statusFilter, offset, limit }),
      );
      return { executions: page.items.map(summary), nextToken: page.nextToken };
    },
  );
}

function historyAction(executions: Executions): Action {
  return action(
    executionRef.extend(pageRequest.shape).extend({ reverseOrder: z.boolean().default(false) }),
    (request) => {
      const events = executions.history(request.executionArn);
      const ordered = request.reverseOrder ? events.toReversed() : events;
      const page = pageOf(request, (offset, limit) => ordered.slice(offset, offset + limit));
      return { events: page.items.map(historyEvent), nextToken: page.nextToken };
    },
  );
}

function summary(execution: ExecutionRecord): object {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.stateMachineArn,
    name: execution.name,
    status: execution.status,
    startDate: execution.startedAtMs / 1000,
    stopDate: seconds(execution.stoppedAtMs),
    redriveCount: 0,
  };
}

function described(execution: ExecutionRecord): object {
  const { input, output, error, cause } = execution;
  return {
    ...summary(execution),
    input,
    inputDetails: { included: true },
    ...(output === null ? {} : { output, outputDetails: { included: true } }),
    error: error ?? undefined,
    cause: cause ?? undefined,
    redriveStatus: 'NOT_REDRIVABLE',
  };
}

function historyEvent(event: ReturnType<Executions['history']>[number]): object {
  const { id, previousEventId, type, timestampMs, details } = event;
  return { id, previousEventId, type, timestamp: timestampMs / 1000, ...details };
}

/** AWS JSON carries instants as seconds since the epoch; a member without a value is left out. */
function seconds(instantMs: number | null): number | undefined {
  return instantMs === null ? undefined : instantMs / 1000;
}
