import { type Bindings, evaluateField, queryEvaluationError } from '../expressions/evaluate.ts';
import { checkPayload } from './payload-limit.ts';
import type { Scope, Step, Visit } from './run.ts';
import { StateFailure } from './state-failure.ts';

/** What `$states` holds beside input and context, by the field that is evaluated. */
export interface Extra {
  readonly result?: unknown;
  readonly errorOutput?: { readonly Error: string; readonly Cause: string };
  readonly taskToken?: string | undefined;
}

/** Evaluates one field of the visited state, and records a failure to do so. */
export async function evaluate(
  visit: Visit,
  template: unknown,
  field: string,
  extra: Extra = {},
): Promise<unknown> {
  try {
    return await evaluateField(template, field, bindingsOf(visit, extra));
  } catch (error) {
    throw recordEvaluationFailure(visit, field, error);
  }
}

/** Evaluates a field that must be of one type; anything else is States.QueryEvaluationError, as on AWS. */
export async function evaluateTo<T>(
  visit: Visit,
  template: unknown,
  expected: { readonly field: string; readonly type: string; readonly is: (value: unknown) => value is T },
): Promise<T> {
  const value = await evaluate(visit, template, expected.field);
  if (expected.is(value)) return value;
  const found = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  throw recordEvaluationFailure(
    visit,
    expected.field,
    queryEvaluationError(
      `The JSONata expression '${String(template)}' specified for the field '${expected.field}' returned an unexpected result type. Expected '${expected.type}', but was '${found}'.`,
    ),
  );
}

/** What leaving through `way` gives: its Output, or `otherwise`; its Assign is applied, both seeing the variables as they were. */
export async function leave(
  visit: Visit,
  way: {
    readonly Output?: unknown;
    readonly Assign?: Record<string, unknown> | undefined;
    readonly Next?: string | undefined;
  },
  values: Extra & { readonly otherwise: unknown },
): Promise<Step> {
  const output =
    way.Output === undefined ? values.otherwise : await evaluate(visit, way.Output, 'Output', values);
  const assigned = way.Assign === undefined ? {} : await evaluate(visit, way.Assign, 'Assign', values);
  checkPayload(output, `output of state '${visit.name}'`);
  checkPayload(assigned, `set of variables assigned by state '${visit.name}'`);
  visit.scope.signal.throwIfAborted();
  for (const [name, value] of Object.entries(assigned as object)) visit.scope.variables.set(name, value);
  return { output, next: way.Next };
}

function recordEvaluationFailure(visit: Visit, field: string, error: unknown): unknown {
  if (!(error instanceof StateFailure)) return error;
  const cause = `An error occurred while executing the state '${visit.name}' (entered at the event id #${visit.enteredEventId}). ${error.errorCause}`;
  visit.scope.run.history.record(visit.scope.trail, 'EvaluationFailed', {
    evaluationFailedEventDetails: { error: error.errorName, cause, location: field, state: visit.name },
  });
  return new StateFailure(error.errorName, cause);
}

function bindingsOf(visit: Visit, extra: Extra): Bindings {
  const { result, errorOutput, taskToken } = extra;
  return {
    ...visit.scope.run.services.functions,
    ...variablesOf(visit.scope),
    states: {
      input: visit.input,
      context: contextOf(visit, taskToken),
      ...(result === undefined ? {} : { result }),
      ...(errorOutput === undefined ? {} : { errorOutput }),
    },
  };
}

function variablesOf(scope: Scope): Record<string, unknown> {
  const outer = scope.outer === undefined ? {} : variablesOf(scope.outer);
  return { ...outer, ...Object.fromEntries(scope.variables) };
}

/** The Context object; a Task has its token only while it waits for one. */
function contextOf(visit: Visit, taskToken: string | undefined): object {
  const { run, mapItem } = visit.scope;
  return {
    Execution: {
      Id: run.execution.arn,
      Name: run.execution.name,
      Input: run.execution.input,
      StartTime: new Date(run.execution.startedAtMs).toISOString(),
      RedriveCount: 0,
    },
    State: {
      Name: visit.name,
      EnteredTime: new Date(visit.enteredAtMs).toISOString(),
      RetryCount: visit.retryCount,
    },
    StateMachine: { Id: run.stateMachine.arn, Name: run.stateMachine.name },
    ...(taskToken === undefined ? {} : { Task: { Token: taskToken } }),
    ...(mapItem === undefined ? {} : { Map: { Item: mapItem } }),
  };
}
