import { describe, expect, test } from 'vitest';
import type { Batch, BatchPhase } from '../../../core/batch/batch.ts';
import { DEFINITION_VERSION } from '../../../core/batch/batch.ts';
import { cancel, close, finish, type Outcome, outcomeOf } from '../../../core/protocol/ending.ts';
import {
  advanceGeneration,
  extend,
  fail,
  markEnrolled,
  pause,
  registerWait,
} from '../../../core/protocol/lifecycle.ts';
import { type LifecycleFacts, nextStep, VALIDATING_GENERATIONS } from '../../../core/protocol/next-step.ts';
import { NO_TOTALS } from '../../../core/protocol/shard.ts';
import { BATCH, batchOf, PLAN_SUMMARY, TENANT, written } from './samples.ts';

const enrolled = batchOf({ phase: { kind: 'enrolled' }, plan: PLAN_SUMMARY });
const closing = (as: 'completed' | 'expired' | 'cancelled'): Batch =>
  batchOf({ phase: { kind: 'closing', as } });
const over: Outcome = {
  kind: 'over',
  as: 'completed',
  outputFileId: null,
  errorFileId: null,
  manifestKey: 'm',
  totals: NO_TOTALS,
};

describe('generations and waits', () => {
  test('a generation is advanced once, and answered again after a lost answer', () => {
    const advanced = written(enrolled, advanceGeneration({ ...enrolled, waiter: 't' }, 1));
    expect(advanced).toMatchObject({ generation: 2, waiter: null });
    expect(advanceGeneration(advanced, 1)).toEqual({
      kind: 'keep',
      result: { kind: 'start', generation: 2 },
    });
    expect(advanceGeneration(advanced, 0).result).toEqual({ kind: 'superseded' });
  });

  test('a late wait does not take the place of a newer token', () => {
    const wait = { generation: 1, waitSeqSeen: 0, token: 'old' };
    const newer = written(enrolled, registerWait(enrolled, { ...wait, token: 'new' }));
    expect(newer).toMatchObject({ waiter: 'new', waitSeq: 1 });
    expect(registerWait(newer, wait)).toEqual({ kind: 'keep', result: 'superseded' });
    expect(registerWait(newer, { ...wait, token: 'new' })).toEqual({ kind: 'keep', result: 'waiting' });
    expect(registerWait(newer, { ...wait, generation: 2 }).result).toBe('superseded');
  });
});

describe('the way to the end', () => {
  test('cancel begins to close from validating and enrolled, and changes no other end', () => {
    expect(written(enrolled, cancel(enrolled, 5))).toMatchObject({
      phase: { kind: 'closing', as: 'cancelled' },
      times: { cancellingAtMs: 5 },
    });
    expect(cancel(closing('expired'), 5)).toEqual({ kind: 'keep', result: 'closing' });
    expect(cancel(batchOf({ phase: over }), 5)).toEqual({ kind: 'keep', result: 'over' });
  });

  test.each([
    [
      'settled long before the Deadline',
      { settled: true, deadlineSeenMs: 10_000_000, nowMs: 1 },
      'completed',
    ],
    [
      'settled at its Deadline',
      { settled: true, deadlineSeenMs: 10_000_000, nowMs: 10_000_000 },
      'completed',
    ],
    ['open at its Deadline', { settled: false, deadlineSeenMs: 10_000_000, nowMs: 10_000_000 }, 'expired'],
  ])('%s', (_what, facts, as) => {
    expect(close(enrolled, facts)).toMatchObject({ kind: 'put', record: { phase: { kind: 'closing', as } } });
  });

  test('an extension wins over an expiry that saw the Deadline before it', () => {
    const extended = written(enrolled, extend(enrolled, 20_000_000));
    const late = { settled: false, deadlineSeenMs: 10_000_000, nowMs: 20_000_001 };
    expect(close(extended, late)).toEqual({ kind: 'keep', result: { kind: 'not-yet' } });
  });

  test('whoever finds it closing carries on, with the reason that stands', () => {
    const batch = closing('cancelled');
    const facts = { settled: true, deadlineSeenMs: 0, nowMs: 0 };
    expect(close(batch, facts).result).toEqual({ kind: 'closing', as: 'cancelled', batch });
  });

  test.each([
    ['completed', true, 'completed'],
    ['expired', true, 'completed'],
    ['expired', false, 'expired'],
    ['completed', false, 'expired'],
    ['cancelled', true, 'cancelled'],
  ] as const)('closing as %s with every line: %s ends %s', (as, holdsEveryLine, outcome) => {
    expect(outcomeOf(as, holdsEveryLine)).toBe(outcome);
  });

  test('there is one outcome; our own that stands is success', () => {
    const finished = written(closing('expired'), finish(closing('expired'), { outcome: over, nowMs: 7 }));
    expect(finished).toMatchObject({ phase: over, times: { completedAtMs: 7 } });
    expect(finish(finished, { outcome: over, nowMs: 8 })).toEqual({ kind: 'keep', result: 'finished' });
    expect(finish(finished, { outcome: { ...over, as: 'expired' }, nowMs: 8 }).result).toBe('refused');
  });

  test('a cancelled Batch does not complete, and an open one does not end', () => {
    expect(finish(closing('cancelled'), { outcome: over, nowMs: 7 }).result).toBe('refused');
    expect(finish(enrolled, { outcome: over, nowMs: 7 }).result).toBe('refused');
  });

  test('what is closing is neither enrolled, failed, extended nor paused any more', () => {
    const batch = closing('cancelled');
    expect(markEnrolled(batch, 1).result).toBe('refused');
    expect(fail(batch, { errorsKey: 'e', nowMs: 1 }).result).toBe('refused');
    expect(extend(batch, 1).result).toBe('refused');
    expect(pause(batch, true).result).toBe('refused');
  });
});

describe('nextStep', () => {
  const input = { tenant: TENANT, batchId: BATCH, generation: 1, definitionVersion: DEFINITION_VERSION };
  const facts = (batch: Batch | null, more: Partial<LifecycleFacts> = {}): LifecycleFacts => ({
    input,
    batch,
    told: false,
    settled: false,
    nowMs: 0,
    rounds: { longMs: 3_600_000, mediumMs: 300_000 },
    ...more,
  });
  const left = (ms: number) => facts(enrolled, { nowMs: enrolled.deadlineMs - ms });
  const phase = (is: BatchPhase) => batchOf({ phase: is });

  test.each<[string, LifecycleFacts, string]>([
    ['no record', facts(null), 'over'],
    ['a newer generation', facts(batchOf({ generation: 2 })), 'over'],
    ['validating', facts(batchOf()), 'intake'],
    ['validating with a plan', facts(batchOf({ plan: PLAN_SUMMARY })), 'enrol'],
    ['validating past the Deadline', facts(batchOf(), { nowMs: 10_000_000 }), 'close'],
    ['more than an hour left', left(3_600_000), 'wait-long'],
    ['less than an hour left', left(3_599_999), 'wait-medium'],
    ['less than five minutes left', left(299_999), 'wait-short'],
    ['the Deadline', left(0), 'close'],
    ['nothing open', facts(enrolled, { settled: true }), 'close'],
    ['closing', facts(closing('expired')), 'close'],
    ['over', facts(phase(over)), 'tell'],
    ['over and told', facts(phase(over), { told: true }), 'over'],
    [
      'another definition',
      facts(enrolled, { input: { ...input, definitionVersion: -1 } }),
      'continue-as-new',
    ],
  ])('%s: %#', (_what, given, kind) => {
    expect(nextStep(given).kind).toBe(kind);
  });

  test('gives up on a file that one generation after another dies of', () => {
    const generation = VALIDATING_GENERATIONS + 1;
    const worn = facts(batchOf({ generation }), { input: { ...input, generation } });
    expect(nextStep(worn).kind).toBe('give-up');
    const last = VALIDATING_GENERATIONS;
    expect(
      nextStep(facts(batchOf({ generation: last }), { input: { ...input, generation: last } })).kind,
    ).toBe('intake');
  });
});
