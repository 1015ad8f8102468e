import { BYTES_PER_TOKEN, UNBOUNDED_OUTPUT_TOKENS } from '../intake/estimate-tokens.ts';
import type { ShardLine } from '../shard/object.ts';

/**
 * Bodies that share this beginning are of one group: intake lays Requests of a common prompt beginning side by side,
 * and one of fewer than about 128 tokens is not worth a place in the order.
 */
const SHARED_BYTES = 512;

/** A bound that a body sets for its answer; in a text that it quotes, the quotes are escaped. */
const BOUND = /"max_(?:completion_|output_)?tokens"\s*:\s*(\d+)/;

interface Waiting {
  readonly index: number;
  /** In and out, as far as the body tells. */
  readonly tokens: number;
}

/**
 * The indexes of lines still to run: groups of a common beginning one after the other, so that the engine's prefix
 * cache serves them, and within a group the longest Request first: its body and the answer that it asks for, as intake
 * estimates them. The group with the longest is the first, so that no long one is left alone at the end; where no lines
 * begin alike that is the order of all of them.
 */
export function runOrder(
  lines: readonly ShardLine[],
  isFinished: (index: number) => boolean,
): readonly number[] {
  const longestFirst = (a: Waiting, b: Waiting): number => b.tokens - a.tokens || a.index - b.index;
  return groupsOf(lines)
    .map((group) => group.filter(({ index }) => !isFinished(index)).sort(longestFirst))
    .flatMap((group) => (group[0] === undefined ? [] : [{ first: group[0], group }]))
    .sort((a, b) => longestFirst(a.first, b.first))
    .flatMap(({ group }) => group.map(({ index }) => index));
}

function groupsOf(lines: readonly ShardLine[]): readonly Waiting[][] {
  const groups: Waiting[][] = [];
  let first: Buffer | null = null;
  for (const [index, line] of lines.entries()) {
    const body = bufferOf(line.body);
    const waiting = { index, tokens: tokensOf(body) };
    if (first !== null && beginsLike(body, first)) groups.at(-1)?.push(waiting);
    else {
      groups.push([waiting]);
      first = body;
    }
  }
  return groups;
}

/** Without parsing: a Shard may hold tens of megabytes, and the engine waits. */
function tokensOf(body: Buffer): number {
  const bound = BOUND.exec(body.toString('latin1'))?.[1];
  return body.length / BYTES_PER_TOKEN + Number(bound ?? UNBOUNDED_OUTPUT_TOKENS);
}

const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const beginsLike = (body: Buffer, first: Buffer): boolean =>
  Math.min(body.length, first.length) >= SHARED_BYTES &&
  body.compare(first, 0, SHARED_BYTES, 0, SHARED_BYTES) === 0;
