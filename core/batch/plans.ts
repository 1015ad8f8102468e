import type { FileId, FleetId } from '../ids.ts';
import type { SegmentName } from '../protocol/segments.ts';
import type { CloseReason } from './batch.ts';

/** What intake made of the input file. Written once, after all its Shards: the first plan wins. */
export interface IntakePlan {
  readonly intakeAttempt: string;
  readonly model: string;
  readonly fleetId: FleetId;
  readonly endpoint: string;
  readonly lines: number;
  /** Order-independent digest of the input's custom_ids (see idDigest). */
  readonly idDigest: string;
  readonly shards: readonly {
    readonly number: number;
    readonly objectKey: string;
    readonly lines: number;
    readonly estimatedTokens: number;
  }[];
}

/** How a Batch ends. Written once, after every Shard is closed and listed: finalize reads only this. */
export interface ClosePlan {
  readonly as: CloseReason;
  readonly atMs: number;
  readonly outputFileId: FileId;
  readonly errorFileId: FileId;
  readonly intake: IntakePlan;
  /** By Shard number: the Segments that count, in order. */
  readonly shards: readonly { readonly number: number; readonly segments: readonly SegmentName[] }[];
}
