import { assessLifecycle } from '../../core/protocol/assess.ts';
import { closeBatch } from '../../core/protocol/close-batch.ts';
import { enrolBatch } from '../../core/protocol/enrol.ts';
import { finishAttempt } from '../../core/protocol/finish-attempt.ts';
import { segmentWriter } from '../../core/protocol/segment-writer.ts';
import { startAttempt } from '../../core/protocol/start-attempt.ts';

/** An agent sends nothing after this, by its own monotonic clock, which here is the true time. */
const leaseHolds = (nowMs: number, leaseUntilMs: number): boolean => nowMs <= leaseUntilMs;

/** The production procedures (and the agent's check of its own) that a mutant replaces or calls through ports of its own. */
export const PROCEDURES = {
  assessLifecycle,
  closeBatch,
  enrolBatch,
  finishAttempt,
  leaseHolds,
  segmentWriter,
  startAttempt,
};
export type Procedures = typeof PROCEDURES;
