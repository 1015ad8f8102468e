import { expect, it } from 'vitest';
import { expectedTokens, isHopeless, learn, priorForecast } from '../../../core/agent/forecast.ts';

const prior = priorForecast({ lines: 10, estimatedTokens: 3000, bodyBytes: 4000 });
const finished = { bodyBytes: 400, inputTokens: 80, outputTokens: 20, tookMs: 5000 };
const learned = (times: number, of = finished) =>
  Array.from({ length: times }).reduce<typeof prior>((forecast) => learn(forecast, of), prior);

it("begins with intake's estimate", () => {
  expect(expectedTokens(prior, 400, 8192)).toBe(100 + 200);
  expect(expectedTokens(priorForecast({ lines: 0, estimatedTokens: 0, bodyBytes: 0 }), 400, 8192)).toBe(100);
});

it('goes over to what the engine has counted', () => {
  expect(expectedTokens(learned(1), 400, 8192)).toBeLessThan(300);
  expect(expectedTokens(learned(200), 400, 8192)).toBeCloseTo(100, 0);
});

it('expects no more than the context holds', () => {
  expect(expectedTokens(prior, 1_000_000, 8192)).toBe(8192);
});

it('learns nothing about tokens from an engine that does not count them', () => {
  const uncounted = learned(50, { ...finished, inputTokens: 0, outputTokens: 0 });
  expect(expectedTokens(uncounted, 400, 8192)).toBe(300);
  expect(uncounted.quickestMs).toBe(5000);
});

it('keeps the shortest time, and forgets it slowly', () => {
  const quick = learn(learned(3), { ...finished, tookMs: 1000 });
  expect(quick.quickestMs).toBe(1000);
  const later = learn(quick, { ...finished, tookMs: 5000 });
  expect(later.quickestMs).toBeGreaterThan(1000);
  expect(later.quickestMs).toBeLessThan(1100);
});

it('gives up only what would be late even at twice the quickest pace', () => {
  const forecast = learned(1);
  expect(isHopeless(forecast, { sentAtMs: 0, untilMs: 2500 })).toBe(false);
  expect(isHopeless(forecast, { sentAtMs: 1, untilMs: 2500 })).toBe(true);
  expect(isHopeless(prior, { sentAtMs: 9e9, untilMs: 0 })).toBe(false);
});
