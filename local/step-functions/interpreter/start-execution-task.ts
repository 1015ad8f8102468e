import { RequestError } from '../wire/request-error.ts';
import type { Settling } from './bounded.ts';
import { StateFailure } from './state-failure.ts';
import { argumentOf, requiredText, type TaskCall } from './task-call.ts';

/** Starts another execution and does not wait for it. A refused start fails the task under AWS's error name. */
export async function startNested(call: TaskCall, settling: Settling): Promise<void> {
  const { resource, visit } = call;
  if (resource.kind !== 'start-execution') throw new Error('Not a startExecution task.');
  const name = argumentOf(call, 'Name') === undefined ? undefined : requiredText(call, 'Name');
  const stateMachineArn = requiredText(call, 'StateMachineArn');
  try {
    const started = visit.scope.run.services.startExecution({
      stateMachineArn,
      name,
      input: inputText(argumentOf(call, 'Input')),
    });
    settling.succeed({
      ExecutionArn: started.arn,
      // The optimized integration answers in epoch seconds, the SDK one in ISO 8601.
      StartDate:
        resource.errorPrefix === 'Sfn'
          ? new Date(started.startedAtMs).toISOString()
          : started.startedAtMs / 1000,
    });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const code = error.code.endsWith('Exception') ? error.code : `${error.code}Exception`;
    throw new StateFailure(`${resource.errorPrefix}.${code}`, error.message);
  }
}

/** Input may be given as JSON or as a string that holds JSON. */
function inputText(input: unknown): string {
  if (input === undefined) return '{}';
  return typeof input === 'string' ? input : JSON.stringify(input);
}
