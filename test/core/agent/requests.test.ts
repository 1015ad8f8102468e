import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOffMs } from '../../../core/agent/back-off.ts';
import { isCheckpointDue } from '../../../core/agent/checkpoint.ts';
import { withModel } from '../../../core/agent/model-name.ts';
import { drainUntilMs, lastFlushMs, STOP_TIMEOUT_MS } from '../../../core/agent/stop-plan.ts';

describe('withModel', () => {
  const rename = (body: string): string =>
    Buffer.from(withModel(Buffer.from(body), 'served/name')).toString();

  it.each([
    ['{"model":"m","n":1.0}', '{"model":"served/name","n":1.0}'],
    ['{ "a":[{"model":"x"}], "model" : "m" }', '{ "a":[{"model":"x"}], "model" : "served/name" }'],
    ['{"say":"\\"model\\":\\"m\\"","model":"m"}', '{"say":"\\"model\\":\\"m\\"","model":"served/name"}'],
    ['{"mod\\u0065l":"m"}', '{"mod\\u0065l":"served/name"}'],
    ['{"x":"model","y":"m","model":"m"}', '{"x":"model","y":"m","model":"served/name"}'],
    ['{"model":{"a":1},"x":"y"}', '{"model":{"a":1},"x":"y"}'],
    ['{"model":5,"x":"y"}', '{"model":5,"x":"y"}'],
    ['{"n":1}', '{"n":1}'],
  ])('changes the value of the own model of %s alone', (body, renamed) => {
    expect(rename(body)).toBe(renamed);
  });

  it('leaves everything else of any JSON object as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (rest, model) => {
        const body = { ...rest, model };
        expect(JSON.parse(rename(JSON.stringify(body)))).toEqual(
          JSON.parse(JSON.stringify({ ...body, model: 'served/name' })),
        );
      }),
    );
  });
});

describe('backOffMs', () => {
  it('grows with the tries, spread by chance, up to half a minute', () => {
    expect([1, 2, 3].map((tries) => backOffMs(tries, 0))).toEqual([125, 250, 500]);
    expect(backOffMs(1, 0.99)).toBeGreaterThan(backOffMs(1, 0));
    expect(backOffMs(50, 0.999)).toBeLessThanOrEqual(30_000);
  });

  it('keeps to what the engine asks for, within reason', () => {
    expect(backOffMs(1, 0, 4000)).toBe(4000);
    expect(backOffMs(1, 0, 3_600_000)).toBe(30_000);
  });
});

it.each([
  [{ results: 0, bytes: 0, ageMs: 99 }, false],
  [{ results: 1, bytes: 9, ageMs: 9 }, false],
  [{ results: 1, bytes: 9, ageMs: 10 }, true],
  [{ results: 1, bytes: 10, ageMs: 0 }, true],
  [{ results: 10, bytes: 9, ageMs: 0 }, true],
])('cuts a Segment of %j: %s', (unflushed, due) => {
  expect(isCheckpointDue(unflushed, { everyMs: 10, maxBytes: 10, maxResults: 10 })).toBe(due);
});

describe('a stop', () => {
  it('leaves a reserve before its end, most of it for the last flush', () => {
    const cause = { kind: 'asked', atMs: 1000 } as const;
    expect(drainUntilMs(cause)).toBe(1000 + STOP_TIMEOUT_MS - 25_000);
    expect(lastFlushMs(cause)).toBe(15_000);
    expect(lastFlushMs(null)).toBe(15_000);
  });

  it('drains and flushes within its notice, however short, and leaves time to release', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 200_000 }), (leftMs) => {
        const cause = { kind: 'interruption', atMs: 1000, takenAtMs: 1000 + leftMs } as const;
        const untilMs = drainUntilMs(cause);
        expect(untilMs).toBeGreaterThanOrEqual(1000);
        expect(lastFlushMs(cause)).toBeGreaterThanOrEqual(0);
        const releasesInMs = 1000 + Math.max(0, leftMs) - untilMs - lastFlushMs(cause);
        expect(releasesInMs).toBeCloseTo(Math.min(10_000, 0.2 * Math.max(0, leftMs)));
      }),
    );
  });
});
