import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cut, type CutLine, shardCutter } from '../../../core/intake/cut-shards.ts';

const LIMITS = { maxTokens: 100, maxLines: 5, maxBytes: 60, maxBufferedBytes: 3_000 };

const lineOf = (number: number, prefixKey: string, estimatedTokens = 20): CutLine => ({
  bytes: Buffer.from(`${number}\n`),
  estimatedTokens,
  prefixKey,
});
const numbersOf = (cut: Cut): number[] => cut.lines.map(({ bytes }) => Number(Buffer.from(bytes).toString()));

function cutAll(lines: readonly CutLine[], limits = LIMITS): readonly Cut[] {
  const cutter = shardCutter(limits);
  return [...lines.flatMap((line) => cutter.add(line)), ...cutter.end()];
}

describe('shardCutter', () => {
  it('keeps Requests of one prefix together', () => {
    const lines = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => lineOf(n, n % 2 === 0 ? 'even' : 'odd'));
    expect(cutAll(lines).map(numbersOf)).toEqual([
      [0, 2, 4, 6, 8],
      [1, 3, 5, 7, 9],
    ]);
  });

  it('fills Shards where every prefix differs', () => {
    const lines = Array.from({ length: 10 }, (_, n) => lineOf(n, `prefix-${n}`));
    expect(cutAll(lines).map(numbersOf)).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
    ]);
  });

  it('cuts at the estimated work and gives a Request beyond it a Shard of its own', () => {
    const lines = [50, 50, 20, 500, 30].map((tokens, n) => lineOf(n, 'a', tokens));
    expect(cutAll(lines).map(numbersOf)).toEqual([[0, 1], [2], [3], [4]]);
  });

  it('puts every line into one Shard, within the limits, whatever comes', () => {
    const line = fc.record({ prefixKey: fc.constantFrom('a', 'b', 'c', 'd'), estimatedTokens: fc.nat(120) });
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 80 }),
        fc.integer({ min: 300, max: 5000 }),
        (given, maxBufferedBytes) => {
          const lines = given.map(({ prefixKey, estimatedTokens }, n) =>
            lineOf(n, prefixKey, estimatedTokens),
          );
          const cuts = cutAll(lines, { ...LIMITS, maxBufferedBytes });
          expect(cuts.flatMap(numbersOf).sort((a, b) => a - b)).toEqual(lines.map((_, n) => n));
          for (const cut of cuts) {
            expect(cut.estimatedTokens).toBe(
              cut.lines.reduce((sum, { estimatedTokens }) => sum + estimatedTokens, 0),
            );
            expect(cut.lines.length).toBeLessThanOrEqual(LIMITS.maxLines);
            if (cut.lines.length > 1) expect(cut.estimatedTokens).toBeLessThanOrEqual(LIMITS.maxTokens);
          }
        },
      ),
    );
  });
});
