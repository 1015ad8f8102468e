import type { CloseReason } from '../batch/batch.ts';
import type { OpenedShard } from './open-shard.ts';

export interface LeftOverError {
  readonly code: string;
  readonly message: string;
}

const ERRORS = {
  /** As OpenAI writes it. */
  expired: {
    code: 'batch_expired',
    message: 'This request could not be executed before the completion window expired.',
  },
  /** OpenAI's own text is not known. */
  cancelled: {
    code: 'batch_cancelled',
    message: 'This request was not executed because the batch was cancelled.',
  },
  unreadable: {
    code: 'result_unreadable',
    message: 'The result of this request could not be read back from storage. Submit the request again.',
  },
} as const;

/** Lines of a Shard are counted as failed where a Segment that may hold them is lost: they were not just too late. */
export const isLost = (shard: Pick<OpenedShard, 'unreadable'>): boolean => shard.unreadable.length > 0;

/**
 * The error of the lines that no readable Segment holds. Throws for a Batch that ends `completed` though nothing of
 * it is lost: its plan holds every line.
 */
export function leftOverError(as: CloseReason, shard: OpenedShard): LeftOverError {
  if (isLost(shard)) return ERRORS.unreadable;
  if (as !== 'completed') return ERRORS[as];
  throw new Error(
    `The close plan says completed, but ${shard.leftOver.length} lines of Shard ${shard.number} have no result.`,
  );
}
