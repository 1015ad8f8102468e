import { type Resource, resourceName } from '../definition/resources.ts';
import type { Visit } from './run.ts';
import { runtimeFailure } from './state-failure.ts';

/** One call of a Task's resource: its first, or a retry. */
export interface TaskCall {
  readonly visit: Visit;
  readonly resourceArn: string;
  readonly resource: Resource;
  readonly args: unknown;
  readonly taskToken: string | undefined;
}

/** The part that every event of a Task shares: `lambda:invoke` is resource `invoke` of type `lambda`. */
export function taskDetails(call: TaskCall): { readonly resourceType: string; readonly resource: string } {
  const name = resourceName(call.resourceArn);
  const split = name.lastIndexOf(':');
  return { resourceType: name.slice(0, split), resource: name.slice(split + 1) };
}

/** A field of the call's Arguments that must be a non-empty string. */
export function requiredText(call: TaskCall, field: string): string {
  const value = argumentOf(call, field);
  if (typeof value === 'string' && value !== '') return value;
  throw runtimeFailure(
    `State '${call.visit.name}' needs the field '${field}' in its Arguments, as a string that is not empty.`,
  );
}

export function argumentOf(call: TaskCall, field: string): unknown {
  return (Object(call.args) as Record<string, unknown>)[field];
}
