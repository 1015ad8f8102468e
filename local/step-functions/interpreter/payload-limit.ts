import { StateFailure } from './state-failure.ts';

/** Step Functions' quota for the input, output and result of a state, as UTF-8 JSON. */
export const PAYLOAD_LIMIT_BYTES = 256 * 1024;

/** Fails with States.DataLimitExceeded when `value` is larger than a state may take, give or keep. */
export function checkPayload(value: unknown, what: string): void {
  const sizeBytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  if (sizeBytes <= PAYLOAD_LIMIT_BYTES) return;
  throw new StateFailure(
    'States.DataLimitExceeded',
    `The ${what} has a size of ${sizeBytes} bytes, exceeding the maximum number of bytes service limit (${PAYLOAD_LIMIT_BYTES}).`,
  );
}
