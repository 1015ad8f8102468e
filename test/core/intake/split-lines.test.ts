import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitLines } from '../../../core/intake/split-lines.ts';

async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const size of sizes) {
    yield bytes.subarray(start, start + size);
    start += size;
  }
  yield bytes.subarray(start);
}

async function linesOf(text: string, sizes: readonly number[] = [], maxBytes = 1000) {
  const lines: [number, string | null][] = [];
  for await (const { line, bytes } of splitLines(inChunks(Buffer.from(text), sizes), maxBytes)) {
    lines.push([line, bytes === null ? null : Buffer.from(bytes).toString()]);
  }
  return lines;
}

it('numbers lines, takes CRLF, and takes a last line without a newline', async () => {
  expect(await linesOf('a\r\n\nb\nc')).toEqual([
    [1, 'a'],
    [2, ''],
    [3, 'b'],
    [4, 'c'],
  ]);
  expect(await linesOf('a\n')).toEqual([[1, 'a']]);
  expect(await linesOf('')).toEqual([]);
});

it('drops a line beyond the limit and goes on behind it', async () => {
  expect(await linesOf('aaaa\nbbb\ncccccc', [2, 2, 2, 2, 2, 2], 3)).toEqual([
    [1, null],
    [2, 'bbb'],
    [3, null],
  ]);
});

it('finds the same lines whatever the chunks', async () => {
  const text = fc.array(fc.constantFrom('a', 'é', '\n', '\r\n', '{"x":1}')).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(7)), async (input, sizes) => {
      expect(await linesOf(input, sizes)).toEqual(await linesOf(input));
    }),
  );
});
