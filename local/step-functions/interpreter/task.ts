import type { TaskState } from '../definition/asl.ts';
import { findResource, type Resource } from '../definition/resources.ts';
import { bounded } from './bounded.ts';
import { callLambda } from './lambda-task.ts';
import { checkPayload } from './payload-limit.ts';
import { withRecovery } from './recovery.ts';
import type { Step, Visit } from './run.ts';
import { startNested } from './start-execution-task.ts';
import { runtimeFailure, StateFailure } from './state-failure.ts';
import { evaluate, evaluateTo, leave } from './state-values.ts';
import { type TaskCall, taskDetails } from './task-call.ts';

/** The TimeoutSeconds of a Task that names none (Amazon States Language, "Timeouts"). */
const DEFAULT_TIMEOUT_SECONDS = 99_999_999;

/** Calls the state's resource under its time limits, each retry anew and with a token of its own. */
export function runTask(visit: Visit, state: TaskState): Promise<Step> {
  const resource = findResource(state.Resource);
  if (resource === undefined) throw runtimeFailure(`The resource '${state.Resource}' is not known.`);
  return withRecovery(visit, state, async (current) => {
    const result = await runOnce(current, state, resource);
    return leave(current, state, { result, otherwise: result });
  });
}

async function runOnce(visit: Visit, state: TaskState, resource: Resource): Promise<unknown> {
  const { trail, run } = visit.scope;
  const { tokens } = run.services;
  const taskToken = resource.kind === 'lambda' && resource.waitForToken ? tokens.issue() : undefined;
  const args = await evaluate(visit, state.Arguments ?? {}, 'Arguments', { taskToken });
  checkPayload(args, `Arguments of state '${visit.name}'`);
  const limits = await limitsOf(visit, state);
  const call: TaskCall = { visit, resourceArn: state.Resource, resource, args, taskToken };
  run.history.record(trail, 'TaskScheduled', {
    taskScheduledEventDetails: {
      ...taskDetails(call),
      region: run.stateMachine.arn.split(':')[3],
      parameters: JSON.stringify(args),
      timeoutInSeconds: limits.timeoutSeconds,
      heartbeatInSeconds: limits.heartbeatSeconds,
    },
  });
  run.history.record(trail, 'TaskStarted', { taskStartedEventDetails: taskDetails(call) });
  try {
    const result = await callWithin(call, limits);
    checkPayload(result, `result of state '${visit.name}'`);
    const output = JSON.stringify(result);
    run.history.record(trail, 'TaskSucceeded', {
      taskSucceededEventDetails: { ...taskDetails(call), output },
    });
    return result;
  } catch (error) {
    throw recordFailure(call, error);
  }
}

interface TaskLimits {
  readonly timeoutSeconds: number;
  readonly heartbeatSeconds: number | undefined;
}

async function callWithin(call: TaskCall, limits: TaskLimits): Promise<unknown> {
  const { clock, tokens } = call.visit.scope.run.services;
  const { timeoutSeconds, heartbeatSeconds } = limits;
  const bounds = {
    clock,
    signal: call.visit.scope.signal,
    timeoutMs: timeoutSeconds * 1000,
    onTimeout: () => new StateFailure('States.Timeout', ''),
    heartbeat:
      heartbeatSeconds === undefined
        ? undefined
        : {
            everyMs: heartbeatSeconds * 1000,
            onMissed: () => new StateFailure('States.HeartbeatTimeout', ''),
          },
  };
  try {
    return await bounded(bounds, (settling) => {
      const begin = call.resource.kind === 'lambda' ? callLambda : startNested;
      begin(call, settling).catch(settling.fail);
    });
  } finally {
    if (call.taskToken !== undefined) tokens.close(call.taskToken);
  }
}

async function limitsOf(visit: Visit, state: TaskState): Promise<TaskLimits> {
  const seconds = (field: 'TimeoutSeconds' | 'HeartbeatSeconds', value: number | string) =>
    evaluateTo(visit, value, { field, type: 'positive integer', is: isPositive });
  const timeoutSeconds = await seconds('TimeoutSeconds', state.TimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS);
  if (state.HeartbeatSeconds === undefined) return { timeoutSeconds, heartbeatSeconds: undefined };
  const heartbeatSeconds = await seconds('HeartbeatSeconds', state.HeartbeatSeconds);
  if (heartbeatSeconds >= timeoutSeconds)
    throw runtimeFailure(
      `State '${visit.name}' needs a HeartbeatSeconds (${heartbeatSeconds}) smaller than its TimeoutSeconds (${timeoutSeconds}).`,
    );
  return { timeoutSeconds, heartbeatSeconds };
}

function isPositive(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

function recordFailure(call: TaskCall, failure: unknown): unknown {
  if (!(failure instanceof StateFailure) || failure.errorName === 'States.Runtime') return failure;
  const { trail, run } = call.visit.scope;
  const details = { ...taskDetails(call), error: failure.errorName, cause: failure.errorCause };
  if (failure.errorName === 'States.Timeout' || failure.errorName === 'States.HeartbeatTimeout')
    run.history.record(trail, 'TaskTimedOut', { taskTimedOutEventDetails: details });
  else run.history.record(trail, 'TaskFailed', { taskFailedEventDetails: details });
  return failure;
}
