import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cutInput } from '../core/intake/cut-input.ts';
import { INTAKE_LIMITS } from '../core/intake/limits.ts';
import type { ShardWriter } from '../core/intake/write-shards.ts';
import { sampleFleet } from '../test/fakes/fleet.ts';
import { type Bench, compare } from './bench.ts';

const LINES = 20_000;
const ENDPOINT = '/v1/chat/completions';
const FLEET = sampleFleet({ model: 'qwen3-8b', tokensPerSecond: 1500 });

/** What intake costs against only splitting and parsing the same file. */
export const intake: Bench = {
  name: 'intake',
  about:
    'Checks a file and cuts it into Shards, without storing them; baseline: readline and JSON.parse alone.',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'slackline-bench-'));
    try {
      const file = join(folder, 'input.jsonl');
      writeFileSync(file, Array.from({ length: LINES }, (_, i) => inputLine(i)).join(''));
      return {
        throughput: await compare({
          count: LINES,
          unit: 'lines/s',
          subject: () => cut(file),
          baseline: () => parse(file),
        }),
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function cut(file: string): Promise<void> {
  const facts = { endpoint: ENDPOINT, fleets: [FLEET], limits: INTAKE_LIMITS };
  const result = await cutInput(createReadStream(file), facts, countingWriter());
  if (result.kind !== 'clean' || result.lines !== LINES) throw new Error('Intake refused the file.');
}

async function parse(file: string): Promise<void> {
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    JSON.parse(line);
    lines++;
  }
  if (lines !== LINES) throw new Error(`The baseline read ${lines} of ${LINES} lines.`);
}

/** Joins the lines as a store would need them, and lets go of them. */
function countingWriter(): ShardWriter {
  const planned: Awaited<ReturnType<ShardWriter['end']>>[number][] = [];
  return {
    async write({ lines, estimatedTokens }) {
      const sizeBytes = Buffer.concat(lines.map(({ bytes }) => bytes)).length;
      const number = planned.length;
      planned.push({ number, objectKey: `${sizeBytes}`, lines: lines.length, estimatedTokens });
    },
    end: async () => planned,
    discard: async () => undefined,
  };
}

/** About 800 bytes, two thirds of them the prompt; a hundred prompts share their beginning. */
function inputLine(i: number): string {
  const content = `Ticket ${i}: ${'the parcel has not come and the tracking page shows nothing new '.repeat(6 + (i % 5))}`;
  const messages = [
    { role: 'system', content: `You sort the tickets of shop ${i % 200}. Answer with one word.` },
    { role: 'user', content },
  ];
  const body = { model: FLEET.model, messages, max_tokens: 16 + (i % 200), temperature: 0 };
  return `${JSON.stringify({ custom_id: `row-${i}`, method: 'POST', url: ENDPOINT, body })}\n`;
}
