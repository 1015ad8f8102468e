import { expect, it } from 'vitest';
import { shareMeter } from '../../gpu-task/agent/share-meter.ts';

it('splits the time among the Attempts that are open, and gives none to those that have ended', () => {
  let nowMs = 0;
  const meter = shareMeter(() => nowMs);
  const first = meter.open();
  nowMs = 10;
  const second = meter.open();
  nowMs = 30;
  first.end();
  nowMs = 100;
  expect([first.spentMs(), second.spentMs()]).toEqual([20, 80]);
});

it('gives no one the time in which no Attempt was open', () => {
  let nowMs = 0;
  const meter = shareMeter(() => nowMs);
  nowMs = 500;
  const only = meter.open();
  nowMs = 600;
  expect(only.spentMs()).toBe(100);
});
