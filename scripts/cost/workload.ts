/** The workload that docs/cost.md puts a price on. */
export const WORKLOAD = {
  batchesPerDay: 100,
  linesPerBatch: 100_000,
  bodyBytes: 1024,
  /** As intake counts them: a quarter of the body's bytes. */
  inputTokens: 256,
  outputTokens: 150,
  fleets: 2,
  /** API keys that the clients use, each all day. */
  keys: 10,
  model: 'qwen3-8b',
  /** Half of a window of 24 hours: so long a Batch is open, and its client asks for it. */
  openHours: 12,
  pollEverySeconds: 30,
} as const;

export const REQUESTS_PER_DAY = WORKLOAD.batchesPerDay * WORKLOAD.linesPerBatch;
export const OPEN_BATCHES = (WORKLOAD.batchesPerDay * WORKLOAD.openHours) / 24;
export const POLLS_PER_DAY = (WORKLOAD.batchesPerDay * WORKLOAD.openHours * 3600) / WORKLOAD.pollEverySeconds;

/**
 * How the counted runs stand in for the workload. `calls`: time runs 30 times as fast, and a Shard has 100 lines in
 * place of about 2,200, so that a Batch has as many Shards, renewals and rounds as a real one. `bytes`: a
 * Batch of full size in Shards and Segments of real size, for the three steps that go through all bytes.
 */
export const RUNS = {
  calls: { profile: 'cost-calls', lines: 4_600 },
  bytes: { profile: 'cost-bytes', lines: WORKLOAD.linesPerBatch },
} as const;

/** What goes through every byte of a Batch: taken from the run `bytes`. */
export const WHOLE_FILE_STEPS: readonly string[] = [
  'lifecycle-intake',
  'lifecycle-close',
  'lifecycle-finalize',
];
