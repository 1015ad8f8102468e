import { type InvokeResult, invokeError } from './invoke-result.ts';

/** Lambda's quotas for an invocation's payload (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). */
const MAX_SYNC_REQUEST_BYTES = 6 * 1024 * 1024;
const MAX_ASYNC_REQUEST_BYTES = 1024 * 1024;
/** The 6 MB of a response has 100 bytes more than that of a request, as Lambda's own message says. */
export const MAX_RESPONSE_BYTES = MAX_SYNC_REQUEST_BYTES + 100;

/** The refusal of a payload that is over the limit of its invocation type, or undefined. */
export function refuseTooLarge(bytes: number, mode: 'sync' | 'async'): InvokeResult | undefined {
  const limit = mode === 'sync' ? MAX_SYNC_REQUEST_BYTES : MAX_ASYNC_REQUEST_BYTES;
  if (bytes <= limit) return undefined;
  const type = mode === 'sync' ? 'RequestResponse' : 'Event';
  return invokeError(
    'RequestTooLargeException',
    `${bytes} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`,
  );
}

export function responseTooLarge(): InvokeResult {
  return invokeError(
    'Function.ResponseSizeTooLarge',
    `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  );
}
