import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../../local/step-functions/clock.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('keeps a timer longer than 24.8 days', () => {
  const fire = vi.fn();
  systemClock.setTimer(60 * DAY_MS, fire);
  vi.advanceTimersByTime(60 * DAY_MS - 1);
  expect(fire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(fire).toHaveBeenCalledOnce();
});

it('cancels a long timer in its second part', () => {
  const fire = vi.fn();
  const timer = systemClock.setTimer(60 * DAY_MS, fire);
  vi.advanceTimersByTime(30 * DAY_MS);
  timer.cancel();
  vi.advanceTimersByTime(60 * DAY_MS);
  expect(fire).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
