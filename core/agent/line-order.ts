import type { ShardLine } from '../shard/object.ts';

/**
 * Bodies that share this beginning are of one group: intake lays Requests of a common prompt beginning side by side,
 * and one of fewer than about 128 tokens is not worth a place in the order.
 */
const SHARED_BYTES = 512;

interface Waiting {
  readonly index: number;
  readonly bytes: number;
}

/**
 * The indexes of lines still to run: groups of a common beginning one after the other, so that the engine's prefix
 * cache serves them, and within a group the longest body first. The group with the longest body is the first, so that
 * no long one is left alone at the end; where no lines begin alike that is the order of all of them.
 */
export function runOrder(
  lines: readonly ShardLine[],
  isFinished: (index: number) => boolean,
): readonly number[] {
  const longestFirst = (a: Waiting, b: Waiting): number => b.bytes - a.bytes || a.index - b.index;
  return groupsOf(lines)
    .map((group) => group.filter(({ index }) => !isFinished(index)).sort(longestFirst))
    .flatMap((group) => (group[0] === undefined ? [] : [{ first: group[0], group }]))
    .sort((a, b) => longestFirst(a.first, b.first))
    .flatMap(({ group }) => group.map(({ index }) => index));
}

function groupsOf(lines: readonly ShardLine[]): readonly Waiting[][] {
  const groups: Waiting[][] = [];
  let beginning: Uint8Array | null = null;
  for (const [index, { body }] of lines.entries()) {
    const waiting = { index, bytes: body.length };
    if (beginning !== null && beginsLike(body, beginning)) groups.at(-1)?.push(waiting);
    else groups.push([waiting]);
    if (groups.at(-1)?.length === 1) beginning = body.subarray(0, SHARED_BYTES);
  }
  return groups;
}

const beginsLike = (body: Uint8Array, beginning: Uint8Array): boolean =>
  beginning.length === SHARED_BYTES && Buffer.compare(body.subarray(0, SHARED_BYTES), beginning) === 0;
