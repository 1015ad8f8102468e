import { type InvokeResult, SERVICE_ERRORS } from '../lambda/invoke-result.ts';
import type { TaskOutcome } from '../step-functions/server.ts';

/** What a state machine sees of a function's answer: refusals by the service itself are named `Lambda.…`. */
export function taskOutcome(result: InvokeResult): TaskOutcome {
  if (result.kind === 'success') return { kind: 'success', output: result.payload };
  const { errorType, errorMessage } = result;
  if (SERVICE_ERRORS.has(errorType)) {
    return { kind: 'failure', error: `Lambda.${errorType}`, cause: errorMessage };
  }
  return { kind: 'failure', error: errorType, cause: JSON.stringify({ errorType, errorMessage }) };
}
