/** A failure as a state machine sees it: an error name that Retry and Catch match, and a cause. */
export class StateFailure extends Error {
  readonly errorName: string;
  readonly errorCause: string;

  constructor(errorName: string, errorCause: string) {
    super(`${errorName}: ${errorCause}`);
    this.errorName = errorName;
    this.errorCause = errorCause;
  }
}

/** States.Runtime always ends the execution, whatever Retry and Catch say. */
export function runtimeFailure(cause: string): StateFailure {
  return new StateFailure('States.Runtime', cause);
}

/**
 * Whether ErrorEquals of a Retry or Catch covers an error: States.ALL all but the two terminal ones,
 * States.TaskFailed all but a timeout, States.Timeout also a missed heartbeat (Amazon States Language,
 * "Errors").
 */
export function matchesError(errorEquals: readonly string[], errorName: string): boolean {
  if (errorName === 'States.Runtime') return false;
  return errorEquals.some((pattern) => {
    if (pattern === errorName) return true;
    if (errorName === 'States.DataLimitExceeded') return false;
    if (pattern === 'States.ALL') return true;
    if (pattern === 'States.Timeout') return errorName === 'States.HeartbeatTimeout';
    return pattern === 'States.TaskFailed' && errorName !== 'States.Timeout';
  });
}
