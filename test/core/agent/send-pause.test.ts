import { expect, it } from 'vitest';
import {
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
