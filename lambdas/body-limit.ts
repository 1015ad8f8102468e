import { RejectRequest } from '../core/wire/reject-request.ts';

/**
 * Lambda takes events of 6 MB (6,291,456 bytes) and a body comes in base64, which leaves 4,718,592 bytes; headers and
 * the authorizer's context need the rest. A part of 4 MiB with its multipart frame fits.
 */
export const MAX_BODY_BYTES = 4_500_000;

/** Refuses a body that deployed would not arrive; `instead` tells what works. */
export function refuseLargeBody(body: Uint8Array, instead: string): void {
  if (body.length <= MAX_BODY_BYTES) return;
  throw new RejectRequest({
    status: 413,
    message: `The request body has ${body.length} bytes, but at most ${MAX_BODY_BYTES} bytes (4.5 MB) can come this way. ${instead}`,
  });
}
