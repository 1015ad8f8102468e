import { describe, expect, test } from 'vitest';
import {
  beginPlan,
  isStale,
  LOOP_STALE_MS,
  type Loop,
  newLoop,
  noteSettled,
  registerWaiter,
  startGeneration,
  stopLoop,
  wake,
} from '../../../core/protocol/loop.ts';
import { FLEET, written } from './samples.ts';

const running: Loop = { ...newLoop(FLEET), generation: 3, state: 'running', wakeSeq: 7, heartbeatAtMs: 1000 };

describe('waking', () => {
  test('bumps the wake number and answers the waiter, also to the next who wakes', () => {
    const waiting = { ...running, waiter: 'token' };
    const woken = written(waiting, wake(waiting, FLEET));
    expect(woken.wakeSeq).toBe(8);
    expect(wake(woken, FLEET).result).toEqual({ token: 'token', state: 'running', generation: 3 });
  });

  test('a Fleet that never ran gets a loop that is stopped', () => {
    expect(wake(null, FLEET).result).toEqual({ token: null, state: 'stopped', generation: 0 });
  });

  test('a wait ends at once where something came since the plan', () => {
    const wait = { generation: 3, wakeSeqSeen: 7, settlesUntilPlan: 2, token: 'token' };
    expect(registerWaiter(running, wait).result).toBe('waiting');
    expect(registerWaiter({ ...running, wakeSeq: 8 }, wait)).toEqual({ kind: 'keep', result: 'wake-now' });
    expect(registerWaiter({ ...running, generation: 4 }, wait).result).toBe('superseded');
  });
});

describe('news of settled Shards', () => {
  const wait = { generation: 3, wakeSeqSeen: 7, settlesUntilPlan: 2, token: 'token' };
  const waiting = written(running, registerWaiter(running, wait));

  test('only as many as the plan asked for wake the loop', () => {
    const first = noteSettled(waiting, FLEET);
    expect(first.result).toBeNull();
    expect(noteSettled(written(waiting, first), FLEET).result).toMatchObject({ token: 'token' });
  });

  test('a stopped loop hears of each, and so does one that no plan has told how many', () => {
    expect(noteSettled({ ...waiting, state: 'stopped' }, FLEET).result).toMatchObject({ state: 'stopped' });
    const untold: Loop = { ...running, waiter: 'token' };
    expect(noteSettled(untold, FLEET).result).toMatchObject({ token: 'token' });
    expect(noteSettled(null, FLEET).result).not.toBeNull();
  });

  test('a loop that plans hears of none: its plan says anew how many', () => {
    expect(noteSettled({ ...running, settlesUntilPlan: 1 }, FLEET)).toEqual({ kind: 'keep', result: null });
  });

  test('what wakes a loop for another reason does so at once', () => {
    expect(wake(waiting, FLEET).result.token).toBe('token');
  });
});

describe('the life of a loop', () => {
  test('it stops only if nothing came since its last plan', () => {
    const stop = { generation: 3, wakeSeqSeen: 7 };
    const stopped = written(running, stopLoop(running, stop));
    expect(stopped.state).toBe('stopped');
    expect(stopLoop(stopped, stop)).toEqual({ kind: 'keep', result: 'stopped' });
    expect(stopLoop({ ...running, wakeSeq: 8 }, stop)).toEqual({ kind: 'keep', result: 'more-work' });
  });

  test('a plan of an older generation, or of a stopped loop, is superseded', () => {
    expect(beginPlan(running, { generation: 3, nowMs: 5 }).result.kind).toBe('begun');
    expect(beginPlan(running, { generation: 2, nowMs: 5 }).result.kind).toBe('superseded');
    expect(beginPlan({ ...running, state: 'stopped' }, { generation: 3, nowMs: 5 }).result.kind).toBe(
      'superseded',
    );
  });

  test('a generation is started once, however often it is asked for', () => {
    const start = { fleetId: FLEET, seen: 3, nowMs: 5 };
    const next = written(running, startGeneration(running, start));
    expect(next).toMatchObject({ generation: 4, state: 'running', waiter: null, heartbeatAtMs: 5 });
    expect(startGeneration(next, start)).toEqual({ kind: 'keep', result: { kind: 'start', generation: 4 } });
    expect(startGeneration(next, { ...start, seen: 2 }).result.kind).toBe('superseded');
  });

  test.each([
    ['no loop', null, true, true],
    ['a stopped one', { ...running, state: 'stopped' as const }, true, true],
    ['one whose execution is gone', running, false, true],
    ['one that plans', running, true, false],
    ['one that hangs', { ...running, heartbeatAtMs: -1 }, true, true],
  ])('with open work, %s is stale or not', (_what, loop, executionIsRunning, stale) => {
    expect(isStale(loop, { executionIsRunning, nowMs: LOOP_STALE_MS })).toBe(stale);
  });
});
