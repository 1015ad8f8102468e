import type { StateMachine } from '../definition/asl.ts';
import { createHistory, type History } from '../interpreter/history.ts';
import type { Run, Services } from '../interpreter/run.ts';
import { runBranch } from '../interpreter/run-branch.ts';
import { StateFailure } from '../interpreter/state-failure.ts';
import { endEvent } from './end-event.ts';
import type { ExecutionEnd, ExecutionRecord } from './execution-store.ts';

export interface RunningExecution {
  readonly history: History;
  /** Ends it now, with this status; nothing of it runs on. */
  stop(end: ExecutionEnd): void;
  /** Stops the interpreter and leaves the execution as it is recorded. */
  abandon(): void;
}

/** Starts an execution's interpreter. `onEnd` is called once, however it ends, unless it is abandoned. */
export function runExecution(
  services: Services,
  execution: ExecutionRecord,
  machine: { readonly arn: string; readonly name: string; readonly definition: StateMachine },
  onEnd: (end: ExecutionEnd) => void,
): RunningExecution {
  const history = createHistory(services.clock);
  const trail = { lastEventId: 0 };
  const aborting = new AbortController();
  const seconds = machine.definition.TimeoutSeconds;
  const timeout =
    seconds === undefined
      ? undefined
      : services.clock.setTimer(seconds * 1000, () => end({ status: 'TIMED_OUT', error: 'States.Timeout' }));
  let open = true;
  const close = () => {
    open = false;
    timeout?.cancel();
    aborting.abort(new Error('The execution is over.'));
  };
  const end = (how: ExecutionEnd) => {
    if (!open) return;
    close();
    const { type, details } = endEvent(how);
    history.recordEnd(trail, type, details);
    onEnd(how);
  };
  const run: Run = {
    services,
    history,
    stateMachine: { arn: machine.arn, name: machine.name },
    execution: { ...execution, input: JSON.parse(execution.input) },
  };
  history.record(trail, 'ExecutionStarted', {
    executionStartedEventDetails: { input: execution.input, roleArn: roleArnOf(machine.arn) },
  });
  const scope = { run, variables: new Map<string, unknown>(), trail, signal: aborting.signal };
  runBranch(scope, machine.definition, run.execution.input).then(
    (output) => end({ status: 'SUCCEEDED', output: JSON.stringify(output) }),
    (error: unknown) => end(failedBy(error)),
  );
  return { history, stop: end, abandon: close };
}

/** Step Functions asks for a role; there is no IAM here, so every machine has the same. */
export function roleArnOf(stateMachineArn: string): string {
  const [, partition, , , account] = stateMachineArn.split(':');
  return `arn:${partition}:iam::${account}:role/local-step-functions`;
}

/** The quota of the Cause field (ExecutionFailedEventDetails: 32,768 characters). */
const LONGEST_CAUSE = 32_768;

function failedBy(error: unknown): ExecutionEnd {
  if (error instanceof StateFailure)
    return { status: 'FAILED', error: error.errorName, cause: error.errorCause.slice(0, LONGEST_CAUSE) };
  // A fault of the interpreter itself must be seen, not hang the execution.
  return { status: 'FAILED', error: 'States.Runtime', cause: String(error).slice(0, LONGEST_CAUSE) };
}
