import type { ShardTotals } from '../protocol/shard.ts';
import { NO_TOTALS } from '../protocol/shard.ts';

/** One Finished line: where its result stands in the Segment, and what it adds to the totals. */
export interface SegmentLine {
  /** Position within the Shard, from 0. */
  readonly index: number;
  readonly offset: number;
  /** Bytes, the newline among them. */
  readonly length: number;
  /** `failed`: it goes to the error file. */
  readonly outcome: 'completed' | 'failed';
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

/** A result as the agent has it: one line of the output or the error file, newline included. */
export interface FinishedLine extends Omit<SegmentLine, 'offset' | 'length'> {
  readonly bytes: Uint8Array;
}

/** The last bytes of every Segment: 12 digits of the index's length, then this. */
const MAGIC = 'SLK1';
export const TRAILER_BYTES = 16;

/**
 * A Segment: result lines, then the index as JSON, then a trailer of 16 bytes. A reader gets the index with one
 * ranged GET of the tail, and any single line with another.
 */
export function encodeSegment(lines: readonly FinishedLine[]): Uint8Array {
  let offset = 0;
  const index = lines.map((line) => {
    const row = [
      line.index,
      offset,
      line.bytes.length,
      line.outcome === 'completed' ? 1 : 0,
      line.inputTokens,
      line.cachedTokens,
      line.outputTokens,
      line.reasoningTokens,
    ];
    offset += line.bytes.length;
    return row;
  });
  const footer = Buffer.from(JSON.stringify(index));
  const trailer = Buffer.from(String(footer.length).padStart(TRAILER_BYTES - MAGIC.length, '0') + MAGIC);
  return Buffer.concat([...lines.map((line) => line.bytes), footer, trailer]);
}

/** Bytes at the end of a Segment that hold its index and trailer; throws where the tail is not of a Segment. */
export function tailBytes(trailer: Uint8Array): number {
  const text = Buffer.from(trailer.subarray(-TRAILER_BYTES)).toString('latin1');
  if (!/^\d{12}SLK1$/.test(text)) throw new Error('Not a Segment: the trailer is missing or damaged.');
  return Number(text.slice(0, TRAILER_BYTES - MAGIC.length)) + TRAILER_BYTES;
}

/** The index, from a tail of at least `tailBytes` bytes. */
export function decodeIndex(tail: Uint8Array): readonly SegmentLine[] {
  const size = tailBytes(tail);
  if (tail.length < size) throw new Error(`The tail holds ${tail.length} of the ${size} bytes of the index.`);
  const json = Buffer.from(tail.subarray(tail.length - size, tail.length - TRAILER_BYTES)).toString();
  return (JSON.parse(json) as number[][]).map(toLine);
}

function toLine(row: readonly number[]): SegmentLine {
  const [index = 0, offset = 0, length = 0, ok = 0, input = 0, cached = 0, output = 0, reasoning = 0] = row;
  return {
    index,
    offset,
    length,
    outcome: ok === 1 ? 'completed' : 'failed',
    inputTokens: input,
    cachedTokens: cached,
    outputTokens: output,
    reasoningTokens: reasoning,
  };
}

/** Adds lines to totals. */
export function addTotals(
  totals: ShardTotals,
  lines: Iterable<Omit<SegmentLine, 'offset' | 'length'>>,
): ShardTotals {
  let { completed, failed, inputTokens, cachedTokens, outputTokens, reasoningTokens } = totals;
  for (const line of lines) {
    if (line.outcome === 'completed') completed++;
    else failed++;
    inputTokens += line.inputTokens;
    cachedTokens += line.cachedTokens;
    outputTokens += line.outputTokens;
    reasoningTokens += line.reasoningTokens;
  }
  return { completed, failed, inputTokens, cachedTokens, outputTokens, reasoningTokens };
}

export const totalsOf = (lines: Iterable<Omit<SegmentLine, 'offset' | 'length'>>): ShardTotals =>
  addTotals(NO_TOTALS, lines);
