import { isJson } from '../../is-json.ts';
import { PAYLOAD_LIMIT_BYTES } from '../interpreter/payload-limit.ts';
import { RequestError } from '../wire/request-error.ts';

/** White space, brackets, wildcards, what URLs and shells read, and control characters (StartExecution, "name"). */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;
const LONGEST_NAME = 80;

/** Throws InvalidName, or ValidationException for a length that AWS refuses before it looks at the name. */
export function checkExecutionName(name: string): void {
  if (name.length < 1 || name.length > LONGEST_NAME)
    throw outOfBounds(`'name' of an execution, '${name}',`, LONGEST_NAME);
  if (FORBIDDEN.test(name)) throw new RequestError('InvalidName', `Invalid Name: '${name}'`);
}

/** Throws InvalidExecutionInput for what is not JSON, ValidationException for what is too large. */
export function checkExecutionInput(input: string): void {
  if (Buffer.byteLength(input) > PAYLOAD_LIMIT_BYTES) throw outOfBounds(`'input'`, PAYLOAD_LIMIT_BYTES);
  if (isJson(input)) return;
  throw new RequestError('InvalidExecutionInput', `Invalid State Machine Execution Input: it is not JSON.`);
}

/** Throws InvalidOutput for what is not JSON or too large for a task's result. */
export function checkTaskOutput(output: string): void {
  if (Buffer.byteLength(output) > PAYLOAD_LIMIT_BYTES) throw outOfBounds(`'output'`, PAYLOAD_LIMIT_BYTES);
  if (!isJson(output)) throw new RequestError('InvalidOutput', `Invalid Output: it is not JSON.`);
}

function outOfBounds(what: string, longest: number): RequestError {
  return new RequestError(
    'ValidationException',
    `1 validation error detected: Value at ${what} failed to satisfy constraint: Member must have length less than or equal to ${longest}`,
  );
}
