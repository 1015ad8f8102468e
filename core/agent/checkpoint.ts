/** Finished lines that no Segment holds yet. */
export interface Unflushed {
  readonly results: number;
  readonly bytes: number;
  /** Since the first of them finished. */
  readonly ageMs: number;
}

export interface CheckpointLimits {
  readonly everyMs: number;
  readonly maxBytes: number;
  readonly maxResults: number;
}

/** True as soon as one of the limits is reached; never for nothing. */
export function isCheckpointDue(unflushed: Unflushed, limits: CheckpointLimits): boolean {
  if (unflushed.results === 0) return false;
  return (
    unflushed.results >= limits.maxResults ||
    unflushed.bytes >= limits.maxBytes ||
    unflushed.ageMs >= limits.everyMs
  );
}
