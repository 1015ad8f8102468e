import { BODY_TOO_LARGE, MAX_BODY_BYTES, MAX_BODY_TEXT } from '../core/wire/body-limit.ts';
import { RejectRequest } from '../core/wire/reject-request.ts';

/** Refuses a body that deployed would not arrive; `instead` tells what works. */
export function refuseLargeBody(body: Uint8Array, instead: string): void {
  if (body.length <= MAX_BODY_BYTES) return;
  throw new RejectRequest({
    status: 413,
    message: `The request body has ${body.length} bytes, but at most ${MAX_BODY_BYTES} bytes (${MAX_BODY_TEXT}) can come this way. ${instead}`,
    code: BODY_TOO_LARGE,
  });
}
