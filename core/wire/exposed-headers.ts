/** Scripts in browsers, the SDKs among them, see no other header of an answer than those exposed. */
export const EXPOSED_HEADERS = 'x-request-id, x-should-retry, retry-after';
