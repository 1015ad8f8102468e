import type { CallerCounts } from './counts.ts';

/** The memory at which Lambda gives one whole vCPU (Lambda Developer Guide, "Configure function memory"). */
const WHOLE_CPU_MIB = 1769;
/** A common latency of one call from inside a region; nothing of it was measured here. */
const DYNAMODB_MS = 5;
const S3_MS = 30;
const OTHER_MS = 20;

/**
 * The seconds of a function that AWS would charge: the CPU time counted on this machine, on the share of a vCPU that
 * the memory buys, and each call's latency, one after the other. More than it will be where calls overlap.
 */
export function billedSeconds(counts: CallerCounts, memoryMiB: number): number {
  const { cpuMs, dynamoDbCalls, s3Gets, s3Puts, sqsRequests, events } = counts;
  const computingMs = cpuMs / Math.min(1, memoryMiB / WHOLE_CPU_MIB);
  const waitingMs =
    dynamoDbCalls * DYNAMODB_MS + (s3Gets + s3Puts) * S3_MS + (sqsRequests + events) * OTHER_MS;
  return (computingMs + waitingMs) / 1000;
}
