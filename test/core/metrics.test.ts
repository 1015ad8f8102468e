import { expect, it } from 'vitest';
import { isKept, keptBy } from '../../core/metrics.ts';

const OF_TASKS = { fleet: 'chat', capacity: 'spot' } as const;

it('keeps a value under the sets of which its line has all dimensions', () => {
  expect(keptBy('EstimatedUsd', OF_TASKS)).toEqual([['fleet'], ['capacity']]);
  expect(keptBy('EstimatedUsd', { fleet: 'chat' })).toEqual([['fleet']]);
  expect(keptBy('GpuErrors', OF_TASKS)).toEqual([[]]);
  expect(keptBy('TasksRunning', { fleet: 'chat' })).toEqual([]);
});

it('makes no metric of what is only looked for in the logs', () => {
  expect(keptBy('KvCacheUsage', OF_TASKS)).toEqual([]);
  expect(isKept('KvCacheUsage', {})).toBe(false);
});

it('knows a metric by just its dimensions, neither more nor fewer', () => {
  expect(isKept('TokensIn', { fleet: 'chat' })).toBe(true);
  expect(isKept('TokensIn', {})).toBe(false);
  expect(isKept('TokensIn', OF_TASKS)).toBe(false);
});
