import { type BatchId, newId } from '../core/ids.ts';
import {
  decodeIndex,
  encodeSegment,
  type FinishedLine,
  type SegmentLine,
  TRAILER_BYTES,
  tailBytes,
} from '../core/segment/segment.ts';
import { resultLine } from '../core/wire/result-line.ts';
import { type Bench, compare, type Figure, withBaseline } from './bench.ts';

/** As many results as end a checkpoint. */
const LINES = 500;
/** A round lasts some tens of milliseconds, far above the clock's grain. */
const SEGMENTS_A_ROUND = 100;

/** What a Segment costs against writing and reading the same results as one JSON text a line. */
export const segments: Bench = {
  name: 'segments',
  about:
    'Encodes a Segment and reads every line by its index; baseline: JSON.stringify and JSON.parse a line.',
  async run() {
    const lines = Array.from({ length: LINES }, (_, index) => finishedLine(index));
    const records = lines.map(toRecord);
    const throughput = await compare({
      count: LINES * SEGMENTS_A_ROUND,
      unit: 'lines/s',
      subject: () => repeat(() => readSegment(encodeSegment(lines))),
      baseline: () => repeat(() => readJsonLines(writeJsonLines(records))),
    });
    return { throughput, bytes_to_read_one_line: oneLine(encodeSegment(lines)) };
  },
};

function repeat(work: () => number): void {
  for (let i = 0; i < SEGMENTS_A_ROUND; i++) {
    if (work() !== LINES) throw new Error('A round did not give every line back.');
  }
}

function readSegment(segment: Uint8Array): number {
  return decodeIndex(segment).filter((line) => bytesOf(segment, line).length === line.length).length;
}

const bytesOf = (segment: Uint8Array, { offset, length }: SegmentLine): Uint8Array =>
  segment.subarray(offset, offset + length);

const writeJsonLines = (records: readonly unknown[]): Uint8Array =>
  Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));

const readJsonLines = (bytes: Uint8Array): number =>
  Buffer.from(bytes)
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown).length;

/** Two ranged reads (the tail, the line) against the whole object. */
function oneLine(segment: Uint8Array): Figure {
  const [first] = decodeIndex(segment);
  const tail = tailBytes(segment.subarray(-TRAILER_BYTES));
  return withBaseline(TRAILER_BYTES + tail + (first?.length ?? 0), segment.length, 'bytes');
}

function finishedLine(index: number): FinishedLine {
  const content = `Line ${index}: ${'a result of ordinary length, in plain words '.repeat(8 + (index % 9))}`;
  const body = {
    id: `chatcmpl-${index}`,
    object: 'chat.completion',
    created: 1_790_000_000,
    model: 'qwen3-8b',
    choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 120, completion_tokens: 110, total_tokens: 230 },
  };
  const of = {
    batchId: newId<BatchId>('batch_', 0, '0'.repeat(20)),
    line: index + 1,
    customId: `row-${index}`,
  };
  const bytes = resultLine(of, {
    kind: 'answered',
    statusCode: 200,
    body: Buffer.from(JSON.stringify(body)),
  });
  return {
    ...{ index, outcome: 'completed', bytes },
    ...{ inputTokens: 120, cachedTokens: 0, outputTokens: 110, reasoningTokens: 0 },
  };
}

function toRecord({ bytes, ...facts }: FinishedLine): unknown {
  return { ...facts, result: JSON.parse(Buffer.from(bytes).toString()) as unknown };
}
