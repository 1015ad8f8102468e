/**
 * Lambda takes events of 6 MB (6,291,456 bytes) and a body comes in base64, which leaves 4,718,592 bytes; headers and
 * the authorizer's context need the rest. A part of 4 MiB with its multipart frame fits.
 */
export const MAX_BODY_BYTES = 4_500_000;

export const MAX_BODY_TEXT = `${MAX_BODY_BYTES / 1e6} MB`;

/** `error.code` of a 413, whoever answers it: the function, or the gateway where the event does not fit. */
export const BODY_TOO_LARGE = 'request_too_large';
