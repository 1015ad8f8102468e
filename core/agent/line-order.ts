import type { ShardLine } from '../shard/object.ts';

/** The indexes of lines still to run, longest body first, so that no long one is left alone at the end. */
export function runOrder(
  lines: readonly ShardLine[],
  isFinished: (index: number) => boolean,
): readonly number[] {
  return lines
    .map(({ body }, index) => ({ index, bytes: body.length }))
    .filter(({ index }) => !isFinished(index))
    .sort((a, b) => b.bytes - a.bytes || a.index - b.index)
    .map(({ index }) => index);
}
