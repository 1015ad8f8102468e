const MIB = 1024 * 1024;

export interface IntakeLimits {
  /** Requests a file at most. */
  readonly maxLines: number;
  /** Bytes a line at most. */
  readonly maxLineBytes: number;
  /** Bytes a Shard object at most, but for one that holds a single line. */
  readonly maxShardBytes: number;
  /** Bytes of Requests that wait for others of their prefix. */
  readonly maxBufferedBytes: number;
  /** Shard objects on their way to the store at a time. */
  readonly maxShardsInFlight: number;
}

/**
 * A million Requests a file is twenty times OpenAI's limit and what one finalize can copy within its 15 minutes at
 * 2 KB a result. A line of 16 MiB takes a few images. Memory: 64 MiB buffered, four Shards of 16 MiB on their way
 * (twice while they are joined), and one line with its parsed form (about five times its bytes): under 320 MiB,
 * beside 16 bytes a line.
 */
export const INTAKE_LIMITS: IntakeLimits = {
  maxLines: 1_000_000,
  maxLineBytes: 16 * MIB,
  maxShardBytes: 16 * MIB,
  maxBufferedBytes: 64 * MIB,
  maxShardsInFlight: 4,
};
