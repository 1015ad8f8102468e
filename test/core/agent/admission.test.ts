import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AttemptLoad, hasRoom, nextToSend } from '../../../core/agent/admission.ts';

const load = (waiting: number, inFlight: number, isolated = false): AttemptLoad => ({
  ...{ waiting, inFlight, isolated, unfinished: waiting + inFlight },
});

describe('nextToSend', () => {
  it('fills from the oldest Attempt on', () => {
    expect(nextToSend([load(2, 1), load(5, 0)], 4)).toBe(0);
    expect(nextToSend([load(0, 3), load(5, 0)], 4)).toBe(1);
  });

  it('sends nothing beyond the concurrency', () => {
    expect(nextToSend([load(9, 3), load(9, 1)], 4)).toBeNull();
  });

  it('lets an isolated Attempt start only on an empty engine', () => {
    expect(nextToSend([load(0, 1), load(3, 0, true)], 4)).toBeNull();
    expect(nextToSend([load(0, 0), load(3, 0, true)], 4)).toBe(1);
  });

  it('sends nothing beside a line that runs alone, nor while it backs off', () => {
    expect(nextToSend([load(2, 1, true), load(5, 0)], 4)).toBeNull();
    const backingOff = { waiting: 0, inFlight: 0, isolated: true, unfinished: 1 };
    expect(nextToSend([backingOff, load(5, 0)], 4)).toBeNull();
  });

  it('never breaks a limit, whatever the loads', () => {
    const loads = fc.array(
      fc.record({
        waiting: fc.nat(5),
        inFlight: fc.nat(3),
        isolated: fc.boolean(),
        unfinished: fc.integer({ min: 8, max: 20 }),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 6 }), (attempts, concurrency) => {
        const next = nextToSend(attempts, concurrency);
        if (next === null) return;
        const inFlight = attempts.reduce((sum, attempt) => sum + attempt.inFlight, 0);
        expect(inFlight).toBeLessThan(concurrency);
        expect(attempts[next]?.waiting).toBeGreaterThan(0);
        if (attempts[next]?.isolated) expect(inFlight).toBe(0);
        expect(attempts.slice(0, next).every(({ waiting, isolated }) => waiting === 0 && !isolated)).toBe(
          true,
        );
      }),
    );
  });
});

describe('hasRoom', () => {
  it('asks for more before the engine runs dry, not earlier', () => {
    expect(hasRoom([], 4)).toBe(true);
    expect(hasRoom([load(4, 4)], 4)).toBe(false);
    expect(hasRoom([load(3, 4)], 4)).toBe(true);
  });

  it('leases nothing beside an isolated Attempt that has lines left', () => {
    expect(hasRoom([load(0, 1, true)], 4)).toBe(false);
    expect(hasRoom([load(0, 0, true)], 4)).toBe(true);
  });
});
