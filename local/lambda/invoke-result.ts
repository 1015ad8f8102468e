export type InvokeResult =
  | { readonly kind: 'success'; readonly payload: unknown }
  | { readonly kind: 'error'; readonly errorType: string; readonly errorMessage: string };

/** Refusals by Lambda itself, before a function ran; every other error type comes from the function. */
export const SERVICE_ERRORS: ReadonlyMap<string, number> = new Map([
  ['ResourceNotFoundException', 404],
  ['RequestTooLargeException', 413],
  ['TooManyRequestsException', 429],
  ['ServiceException', 500],
]);

export function invokeError(errorType: string, errorMessage: string): InvokeResult {
  return { kind: 'error', errorType, errorMessage };
}
