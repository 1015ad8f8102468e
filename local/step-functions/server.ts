import { type Clock, systemClock } from './clock.ts';
import {
  type ExecutionRecord,
  type ExecutionStatus,
  openExecutionStore,
} from './executions/execution-store.ts';
import { createExecutions } from './executions/executions.ts';
import { createStateMachines } from './executions/state-machines.ts';
import { createTaskTokens } from './executions/task-tokens.ts';
import { stepFunctionsFunctions } from './expressions/functions.ts';
import type { TaskOutcome } from './interpreter/run.ts';
import { executionActions } from './wire/execution-actions.ts';
import { serveActions } from './wire/serve-actions.ts';
import { stateMachineActions } from './wire/state-machine-actions.ts';
import { taskActions } from './wire/task-actions.ts';

export type { Clock, Timer } from './clock.ts';
export type { TaskOutcome } from './interpreter/run.ts';

export interface StepFunctionsServer {
  readonly url: string;
  /** Registers or replaces a state machine. Throws an error naming what in the definition cannot be run. */
  createStateMachine(machine: {
    readonly arn: string;
    readonly name: string;
    readonly definition: string;
  }): void;
  /** What runs stays recorded as running, and is aborted at the next start. */
  close(): Promise<void>;
}

/** What EventBridge's "Step Functions Execution Status Change" tells in its detail; instants in epoch milliseconds, as there. */
export interface ExecutionEnded {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
  readonly startDate: number;
  readonly stopDate: number;
}

export interface StepFunctionsOptions {
  readonly databaseFile: string;
  /** @default - any free port */
  readonly port?: number;
  /** Runs `lambda:invoke` synchronously: function name or ARN and payload in, what the Lambda returned out. */
  readonly invokeLambda: (functionName: string, payload: unknown) => Promise<TaskOutcome>;
  /** @default - nobody is told */
  readonly onExecutionEnded?: (event: ExecutionEnded) => void;
  /** @default - the machine's clock */
  readonly clock?: Clock;
  /** Drives the jitter of retries and $random. @default - Math.random */
  readonly random?: () => number;
}

/**
 * Starts an embedded Step Functions (Standard workflows in JSONata) on the loopback interface. Executions that an
 * earlier process left running are ABORTED first, and told to `onExecutionEnded` once the server listens.
 */
export async function startStepFunctions(options: StepFunctionsOptions): Promise<StepFunctionsServer> {
  const { clock = systemClock, random = Math.random, invokeLambda } = options;
  const store = openExecutionStore(options.databaseFile);
  const machines = createStateMachines(clock.nowMs);
  const tokens = createTaskTokens(store.tokenKey);
  const functions = stepFunctionsFunctions(clock, random);
  const executions = createExecutions({
    store,
    machines,
    services: { clock, random, functions, tokens, invokeLambda },
    onEnded: (execution) => options.onExecutionEnded?.(endedEvent(execution)),
  });
  const actions = {
    ...stateMachineActions(machines),
    ...executionActions({ store, machines, executions }),
    ...taskActions(tokens),
  };
  const server = await serveActions(actions, options.port ?? 0).catch((error: unknown) => {
    store.close();
    throw error;
  });
  executions.abortLeftovers();
  return {
    url: server.url,
    createStateMachine: machines.create,
    async close() {
      executions.abandonAll();
      await server.close();
      store.close();
    },
  };
}

function endedEvent(execution: ExecutionRecord): ExecutionEnded {
  const { arn, stateMachineArn, name, status, startedAtMs, stoppedAtMs } = execution;
  if (status === 'RUNNING' || stoppedAtMs === null) throw new Error(`Execution ${arn} has not ended.`);
  return {
    executionArn: arn,
    stateMachineArn,
    name,
    status,
    startDate: startedAtMs,
    stopDate: stoppedAtMs,
  };
}
