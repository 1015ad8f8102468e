import type { Clock } from '../clock.ts';
import type { TaskTokens } from '../executions/task-tokens.ts';
import type { Bindings } from '../expressions/evaluate.ts';
import type { History, Trail } from './history.ts';

export type TaskOutcome =
  | { readonly kind: 'success'; readonly output: unknown }
  | { readonly kind: 'failure'; readonly error: string; readonly cause: string };

/** The outside of an interpreter: everything that a state may reach. */
export interface Services {
  readonly clock: Clock;
  readonly random: () => number;
  readonly functions: Bindings;
  readonly tokens: TaskTokens;
  readonly invokeLambda: (functionName: string, payload: unknown) => Promise<TaskOutcome>;
  /** Throws a RequestError, as the StartExecution call does. */
  readonly startExecution: (request: NestedStart) => { readonly arn: string; readonly startedAtMs: number };
}

export interface NestedStart {
  readonly stateMachineArn: string;
  readonly name?: string | undefined;
  readonly input: string;
}

/** One execution while it runs. */
export interface Run {
  readonly services: Services;
  readonly history: History;
  readonly stateMachine: { readonly arn: string; readonly name: string };
  readonly execution: {
    readonly arn: string;
    readonly name: string;
    readonly input: unknown;
    readonly startedAtMs: number;
  };
}

/** Where a path of states runs: its variables, its place in the history and what can end it early. */
export interface Scope {
  readonly run: Run;
  readonly outer?: Scope;
  readonly variables: Map<string, unknown>;
  readonly trail: Trail;
  readonly signal: AbortSignal;
  /** Set inside an iteration of a Map. */
  readonly mapItem?: { readonly Index: number; readonly Value: unknown };
}

/** One visit to one state; Retry stays within it. */
export interface Visit {
  readonly scope: Scope;
  readonly name: string;
  readonly input: unknown;
  readonly enteredAtMs: number;
  readonly enteredEventId: number;
  readonly retryCount: number;
}

/** Where a state leads: on to another one, or out of its path. */
export interface Step {
  readonly output: unknown;
  readonly next: string | undefined;
}

/** A scope inside `outer`, which reads outer variables and writes its own (Amazon States Language, "Variable scope"). */
export function innerScope(
  outer: Scope,
  signal: AbortSignal,
  mapItem: Scope['mapItem'] = outer.mapItem,
): Scope {
  return {
    run: outer.run,
    outer,
    variables: new Map(),
    trail: { lastEventId: outer.trail.lastEventId },
    signal,
    ...(mapItem === undefined ? {} : { mapItem }),
  };
}
