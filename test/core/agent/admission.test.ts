import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AttemptLoad, hasRoom, nextToSend, type Room } from '../../../core/agent/admission.ts';

const load = (waiting: number, inFlight: number, isolated = false): AttemptLoad => ({
  ...{ waiting, inFlight, isolated, unfinished: waiting + inFlight, inFlightTokens: inFlight * 100 },
  heldBack: false,
});

const room = (requests: number, tokens = Number.POSITIVE_INFINITY): Room => ({ requests, tokens });

describe('nextToSend', () => {
  it('fills from the oldest Attempt on', () => {
    expect(nextToSend([load(2, 1), load(5, 0)], room(4))).toBe(0);
    expect(nextToSend([load(0, 3), load(5, 0)], room(4))).toBe(1);
  });

  it('sends nothing beyond the concurrency', () => {
    expect(nextToSend([load(9, 3), load(9, 1)], room(4))).toBeNull();
  });

  it('sends nothing beyond the tokens that fit, but never nothing at all', () => {
    expect(nextToSend([load(9, 2)], room(4, 200))).toBeNull();
    expect(nextToSend([load(9, 2)], room(4, 201))).toBe(0);
    expect(nextToSend([load(9, 0)], room(4, 0))).toBe(0);
  });

  it('lets an isolated Attempt start only on an empty engine', () => {
    expect(nextToSend([load(0, 1), load(3, 0, true)], room(4))).toBeNull();
    expect(nextToSend([load(0, 0), load(3, 0, true)], room(4))).toBe(1);
  });

  it('sends nothing beside a line that runs alone, nor while it backs off', () => {
    expect(nextToSend([load(2, 1, true), load(5, 0)], room(4))).toBeNull();
    const backingOff = { ...load(0, 0, true), unfinished: 1 };
    expect(nextToSend([backingOff, load(5, 0)], room(4))).toBeNull();
  });

  it('never breaks a limit, whatever the loads', () => {
    const loads = fc.array(
      fc.record({
        waiting: fc.nat(5),
        inFlight: fc.nat(3),
        isolated: fc.boolean(),
        unfinished: fc.integer({ min: 8, max: 20 }),
        inFlightTokens: fc.constant(0),
        heldBack: fc.constant(false),
      }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 6 }), (attempts, concurrency) => {
        const next = nextToSend(attempts, room(concurrency));
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
    expect(hasRoom([], room(4))).toBe(true);
    expect(hasRoom([load(4, 4)], room(4))).toBe(false);
    expect(hasRoom([load(3, 4)], room(4))).toBe(true);
  });

  it('counts no lines that are held back, of a few Attempts', () => {
    const heldBack = { ...load(9, 0), heldBack: true };
    expect(hasRoom([heldBack, heldBack], room(4))).toBe(true);
    expect(hasRoom([heldBack, heldBack, load(4, 4)], room(4))).toBe(false);
    expect(hasRoom([heldBack, heldBack, heldBack], room(4))).toBe(false);
    const failed = { ...load(0, 0), heldBack: true };
    expect(hasRoom([failed, failed, failed], room(4))).toBe(true);
  });

  it('leases nothing beside an isolated Attempt that has lines left', () => {
    expect(hasRoom([load(0, 1, true)], room(4))).toBe(false);
    expect(hasRoom([load(0, 0, true)], room(4))).toBe(true);
  });
});
