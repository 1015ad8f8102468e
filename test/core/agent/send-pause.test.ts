import { expect, it } from 'vitest';
import {
  isCrowded,
  NO_PAUSE,
  pauseAfterAnswer,
  pauseAfterBusy,
  type SendPause,
} from '../../../core/agent/send-pause.ts';

const busyAt = (pause: SendPause, sentAtMs: number, retryAfterMs = 0): SendPause =>
  pauseAfterBusy(pause, { nowMs: sentAtMs + 10, sentAtMs, retryAfterMs, random: 0 });

it('grows with each pause that only led to the next, up to half a minute', () => {
  const lengths: number[] = [];
  let pause = NO_PAUSE;
  for (let round = 0; round < 10; round++) {
    const sentAtMs = Math.max(0, pause.untilMs);
    pause = busyAt(pause, sentAtMs);
    lengths.push(pause.untilMs - sentAtMs - 10);
  }
  expect(lengths).toEqual([125, 250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

it('counts Requests that were out together once', () => {
  const pause = busyAt(NO_PAUSE, 1000);
  expect(busyAt(pause, 999)).toBe(pause);
  expect(busyAt(pause, 1000)).toBe(pause);
});

it('is as long as the server asks for', () => {
  expect(busyAt(NO_PAUSE, 0, 5000).untilMs).toBe(5010);
});

it('begins anew once a Request that was sent after it was taken', () => {
  const pause = busyAt(busyAt(NO_PAUSE, 0), 500);
  expect(pauseAfterAnswer(pause, pause.untilMs - 1)).toBe(pause);
  expect(pauseAfterAnswer(pause, pause.untilMs)).toBe(NO_PAUSE);
});

it.each([
  ['others are in flight', { others: 3, retryAfterMs: 0, again: false }, true],
  ['nothing else is', { others: 0, retryAfterMs: 0, again: true }, false],
  ['the server asks all to wait', { others: 3, retryAfterMs: 5000, again: false }, false],
  ['it asks so of a line that it refused before', { others: 3, retryAfterMs: 5000, again: true }, true],
])('is for one line alone where %s: or not', (_what, crowd, alone) => {
  expect(isCrowded(crowd)).toBe(alone);
});
