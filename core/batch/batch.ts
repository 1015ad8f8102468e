import type { BatchId, FileId, FleetId, TenantId } from '../ids.ts';
import type { ShardTotals } from '../protocol/shard.ts';

/** Raised with every change of the lifecycle's or the loop's definition that running executions cannot follow. */
export const DEFINITION_VERSION = 1;

/** How a Batch ends once its lines are settled or given up. */
export type CloseReason = 'completed' | 'expired' | 'cancelled';

/** One wrong line (or the file as a whole), as the wire shows it (reference: OpenAI Batch `errors.data[]`). */
export interface LineError {
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  /** 1-based; null where the error is not of one line. */
  readonly line: number | null;
}

/**
 * Where a Batch stands. It only moves forward: validating → enrolled → closing → over, and from `validating` also
 * straight to `closing` (cancel, expiry) or `over` (failed).
 */
export type BatchPhase =
  | { readonly kind: 'validating' }
  | { readonly kind: 'enrolled' }
  | { readonly kind: 'closing'; readonly as: CloseReason }
  | { readonly kind: 'over'; readonly as: 'failed' }
  | {
      readonly kind: 'over';
      readonly as: CloseReason;
      readonly outputFileId: FileId | null;
      readonly errorFileId: FileId | null;
      readonly manifestKey: string;
      readonly totals: ShardTotals;
    };

/** Instants of the wire's `*_at` fields, each set once. */
export interface BatchTimes {
  readonly inProgressAtMs?: number;
  readonly finalizingAtMs?: number;
  readonly completedAtMs?: number;
  readonly failedAtMs?: number;
  readonly expiredAtMs?: number;
  readonly cancellingAtMs?: number;
  readonly cancelledAtMs?: number;
}

/** The Batch record. It carries no counters: those are a consistent query over its Shards. */
export interface Batch {
  readonly tenant: TenantId;
  readonly id: BatchId;
  readonly endpoint: string;
  readonly inputFileId: FileId;
  /** ETag of the pinned input object; null where the File was not there at create. */
  readonly inputEtag: string | null;
  readonly completionWindow: string;
  /** Of the request that created it, as the API's logs name it. @default - not known */
  readonly requestId?: string;
  readonly createdAtMs: number;
  readonly deadlineMs: number;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** @default - output and error files do not expire by themselves */
  readonly outputExpiresAfterSeconds?: number;
  readonly phase: BatchPhase;
  readonly times: BatchTimes;
  /** Of the lifecycle: its execution is named `{batchId}-{generation}`. */
  readonly generation: number;
  /** Waits of the lifecycle, counted; a stored token belongs to the latest. */
  readonly waitSeq: number;
  readonly waiter: string | null;
  /** Acted on by the plan alone. */
  readonly paused: boolean;
  /** Set by intake. */
  readonly plan?: {
    readonly key: string;
    readonly model: string;
    readonly fleetId: FleetId;
    readonly shards: number;
    readonly lines: number;
  };
  /** The first 1,000 errors, where the Batch failed; all of them stand in `errorsFileId`. */
  readonly errorsKey?: string;
}
