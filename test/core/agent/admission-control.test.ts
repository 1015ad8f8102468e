import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AdmissionControl,
  adjustAdmission,
  openAdmission,
  tokenLimitOf,
} from '../../../core/agent/admission-control.ts';
import type { EngineMetrics } from '../../../core/agent/engine-metrics.ts';

const limits = { ceiling: 400, maxRunning: 256 };
const metrics = (changes: Partial<EngineMetrics> = {}): EngineMetrics => ({
  ...{ running: 200, waiting: 0, kvUsage: 0.5, preemptions: 0 },
  ...{ promptTokens: 0, generationTokens: 0, prefixQueries: 0, prefixHits: 0, kvTokens: null },
  ...changes,
});
const polled = (
  control: AdmissionControl,
  changes: Partial<EngineMetrics>,
  at: { readonly nowMs?: number; readonly inFlight?: number } = {},
): AdmissionControl =>
  adjustAdmission(
    control,
    { nowMs: 1000, inFlight: control.requests, ...at, metrics: metrics(changes) },
    limits,
  );

/** In the middle of its work. */
const control: AdmissionControl = {
  requests: 200,
  heldUntilMs: Number.NEGATIVE_INFINITY,
  seen: metrics(),
};

describe('the number of Requests in flight', () => {
  it('begins a little above what the engine runs at once, or at the ceiling', () => {
    expect(openAdmission(limits).requests).toBe(320);
    expect(openAdmission({ ceiling: 300, maxRunning: 256 }).requests).toBe(300);
    expect(openAdmission({ ceiling: 300, maxRunning: null }).requests).toBe(300);
  });

  it('grows by a tenth while nothing waits and the cache has room', () => {
    expect(polled(control, {}).requests).toBe(220);
    expect(polled(control, { waiting: 1 }).requests).toBe(200);
    expect(polled(control, { kvUsage: 0.95 }).requests).toBe(200);
  });

  it('does not grow while it is not used up', () => {
    expect(polled(control, {}, { inFlight: 100 }).requests).toBe(200);
  });

  it('falls after a preemption, and stays for ten seconds', () => {
    const cut = polled(control, { preemptions: 2 });
    expect(cut.requests).toBe(170);
    expect(polled(cut, { preemptions: 2 }, { nowMs: 10_900 }).requests).toBe(170);
    expect(polled(cut, { preemptions: 3 }, { nowMs: 10_900 }).requests).toBe(170);
    expect(polled(cut, { preemptions: 2 }, { nowMs: 11_000 }).requests).toBe(187);
  });

  it('falls from what is in flight where that is less than allowed', () => {
    expect(polled(control, { preemptions: 1 }, { inFlight: 100 }).requests).toBe(85);
  });

  it('leaves a backlog of a tenth of what the engine runs, at least sixteen', () => {
    expect(polled(control, { waiting: 60, running: 140 }).requests).toBe(140 + 26);
    expect(polled(control, { waiting: 26, running: 140 }).requests).toBe(200);
    const small = { ceiling: 400, maxRunning: 8 };
    const facts = { nowMs: 0, inFlight: 200, metrics: metrics({ waiting: 192, running: 8 }) };
    expect(adjustAdmission(control, facts, small).requests).toBe(8 + 16);
  });

  it('takes no burst that the engine still takes up for a backlog', () => {
    expect(polled({ ...control, seen: null }, { waiting: 190, running: 10 }).requests).toBe(200);
    expect(polled(control, { waiting: 190, running: 0 }).requests).toBe(200);
    expect(
      polled({ ...control, seen: metrics({ running: 50 }) }, { waiting: 90, running: 110 }).requests,
    ).toBe(200);
  });

  it('stays between one and the ceiling, whatever the engine says', () => {
    const any = fc.record({
      running: fc.nat(500),
      waiting: fc.nat(500),
      kvUsage: fc.double({ min: 0, max: 1, noNaN: true }),
      preemptions: fc.nat(3),
      ...{ promptTokens: fc.nat(), generationTokens: fc.nat(), kvTokens: fc.constant(null) },
      ...{ prefixQueries: fc.nat(), prefixHits: fc.nat() },
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(any, fc.nat(500)), { maxLength: 30 }), (polls) => {
        let now = openAdmission(limits);
        for (const [i, [seen, inFlight]] of polls.entries()) {
          now = adjustAdmission(now, { nowMs: i * 1500, inFlight, metrics: seen }, limits);
          expect(now.requests).toBeGreaterThanOrEqual(1);
          expect(now.requests).toBeLessThanOrEqual(limits.ceiling);
        }
      }),
    );
  });
});

it('limits the tokens in flight by the size of the cache, where that is known', () => {
  expect(tokenLimitOf(openAdmission(limits))).toBe(Number.POSITIVE_INFINITY);
  expect(tokenLimitOf(polled(control, {}))).toBe(Number.POSITIVE_INFINITY);
  expect(tokenLimitOf(polled(control, { kvTokens: 34_000 }))).toBeCloseTo(37_400);
});
