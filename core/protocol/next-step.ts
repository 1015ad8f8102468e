import { type Batch, DEFINITION_VERSION } from '../batch/batch.ts';
import type { LifecycleInput } from './lifecycle.ts';

/** Lengths of the three rounds in which the lifecycle waits. */
export interface Rounds {
  readonly longMs: number;
  readonly mediumMs: number;
}

export interface LifecycleFacts {
  readonly input: LifecycleInput;
  readonly batch: Batch | null;
  /** The open-index item is gone: the end was told. */
  readonly told: boolean;
  /** Every Shard of an enrolled Batch is visible and none is open. */
  readonly settled: boolean;
  readonly nowMs: number;
  readonly rounds: Rounds;
}

export type LifecycleStep =
  | { readonly kind: 'intake' | 'enrol' | 'close' | 'tell' | 'over' | 'continue-as-new' }
  /** Intake was tried again and again: end as `failed`. */
  | { readonly kind: 'give-up' }
  /** `waitSeq` goes into the wait. */
  | { readonly kind: 'wait-long' | 'wait-medium' | 'wait-short'; readonly waitSeq: number };

/**
 * Generations that may begin in `validating`. Each one is an execution that died after Step Functions' own retries
 * or was continued as new, so that a file that kills intake does not cost for ever.
 */
export const VALIDATING_GENERATIONS = 5;

/** What the lifecycle does next, from the record alone: a token or the end of a round only makes it look. */
export function nextStep(facts: LifecycleFacts): LifecycleStep {
  const { batch, input } = facts;
  if (batch === null || batch.generation !== input.generation) return { kind: 'over' };
  if (batch.phase.kind === 'over' && facts.told) return { kind: 'over' };
  if (input.definitionVersion !== DEFINITION_VERSION) return { kind: 'continue-as-new' };
  switch (batch.phase.kind) {
    case 'over':
      return { kind: 'tell' };
    case 'closing':
      return { kind: 'close' };
    case 'validating':
      return validatingStep(batch, facts.nowMs);
    case 'enrolled':
      if (facts.settled || facts.nowMs >= batch.deadlineMs) return { kind: 'close' };
      return { kind: roundFor(batch.deadlineMs - facts.nowMs, facts.rounds), waitSeq: batch.waitSeq };
    default:
      return batch.phase satisfies never;
  }
}

function validatingStep(batch: Batch, nowMs: number): LifecycleStep {
  if (nowMs >= batch.deadlineMs) return { kind: 'close' };
  if (batch.generation > VALIDATING_GENERATIONS) return { kind: 'give-up' };
  return { kind: batch.plan === undefined ? 'intake' : 'enrol' };
}

/** The longest round that ends before the Deadline, so that expiry is late by a short round at most. */
function roundFor(leftMs: number, rounds: Rounds): 'wait-long' | 'wait-medium' | 'wait-short' {
  if (leftMs >= rounds.longMs) return 'wait-long';
  return leftMs >= rounds.mediumMs ? 'wait-medium' : 'wait-short';
}
