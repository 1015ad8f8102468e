/** A lost SYN is sent again after 1 and after 3 seconds. */
const CONNECTED_WITHIN_MS = 5000;

/**
 * Has an SDK client end a request whose connection is not made, or brings and takes no byte for `ms`; most are sent
 * again then. By itself it waits for ever (@smithy/node-http-handler has no limit above zero), and a connection that
 * was cut without a word would hold what waits for it. Bytes count and not the request as a whole, because a large body
 * may take its time.
 */
export const silentAtMost = (ms: number) => ({
  requestHandler: { connectionTimeout: CONNECTED_WITHIN_MS, socketTimeout: ms },
});

/** For the agent's clients, and for the recorder's: its whole batch of reports would wait with one of them. */
export const clientLimits = {
  /** DynamoDB answers in milliseconds, and a Lease of a minute leaves time for a second try at its renewal. */
  records: silentAtMost(10_000),
  executions: silentAtMost(10_000),
  /** A wait for hints is silent for up to 20 seconds. */
  queues: silentAtMost(30_000),
  objects: silentAtMost(30_000),
} as const;
