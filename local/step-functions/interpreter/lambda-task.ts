import type { Settling } from './bounded.ts';
import type { TaskOutcome } from './run.ts';
import { StateFailure } from './state-failure.ts';
import { argumentOf, requiredText, type TaskCall, taskDetails } from './task-call.ts';

/**
 * Invokes a Lambda. Without a task token its answer, in the shape of the Invoke call, is the task's result;
 * with one only its failure counts, and whoever holds the token ends the task.
 */
export async function callLambda(call: TaskCall, settling: Settling): Promise<void> {
  const { tokens } = call.visit.scope.run.services;
  const functionName = requiredText(call, 'FunctionName');
  if (call.taskToken !== undefined) tokens.open(call.taskToken, settling);
  const outcome = await invoke(call, functionName);
  // A function that answers after its time limit, or after its own token, changes nothing.
  if (!settling.isOpen()) return;
  if (outcome.kind === 'failure') settling.fail(new StateFailure(outcome.error, outcome.cause));
  else if (call.taskToken === undefined) settling.succeed(invokeResult(outcome.output));
  else recordSubmitted(call, outcome.output);
}

async function invoke(call: TaskCall, functionName: string): Promise<TaskOutcome> {
  const { invokeLambda } = call.visit.scope.run.services;
  const payload = argumentOf(call, 'Payload') ?? {};
  const invoked = invokeLambda(functionName, payload).catch(
    (error: Error): TaskOutcome => ({
      kind: 'failure',
      error: 'Lambda.SdkClientException',
      cause: error.message,
    }),
  );
  // An asynchronous invocation answers at once, with nothing of what the function returns.
  return argumentOf(call, 'InvocationType') === 'Event' ? { kind: 'success', output: '' } : invoked;
}

function invokeResult(payload: unknown): object {
  return { ExecutedVersion: '$LATEST', Payload: payload ?? null, StatusCode: 200 };
}

function recordSubmitted(call: TaskCall, payload: unknown): void {
  const { run, trail } = call.visit.scope;
  run.history.record(trail, 'TaskSubmitted', {
    taskSubmittedEventDetails: { ...taskDetails(call), output: JSON.stringify(invokeResult(payload)) },
  });
}
