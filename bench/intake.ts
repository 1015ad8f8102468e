import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Fleet, fleetSchema } from '../core/fleet/catalogue.ts';
import { cutInput } from '../core/intake/cut-input.ts';
import { INTAKE_LIMITS } from '../core/intake/limits.ts';
import type { ShardWriter } from '../core/intake/write-shards.ts';
import { type Bench, compare } from './bench.ts';

const LINES = 20_000;
const ENDPOINT = '/v1/chat/completions';

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

const FLEET: Fleet = fleetSchema.parse({
  id: 'bench',
  model: 'qwen3-8b',
  endpoints: [ENDPOINT],
  gpuClass: 'bench',
  gpusPerTask: 1,
  engine: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:8000/v1' },
  contextTokens: 8192,
  tokensPerSecond: 1500,
  startMs: 600_000,
  maxTasks: { spot: 1, onDemand: 0 },
  targetDrainMs: 3_600_000,
  shard: { targetMs: 600_000, maxLines: 8192 },
  leaseMs: 60_000,
  dispatchMinAgeMs: 300_000,
  checkpoint: { everyMs: 15_000, maxBytes: 8_388_608, maxResults: 500 },
  concurrency: 1,
  request: { timeoutMs: 60_000, maxTries: 1 },
  idleExitMs: 60_000,
  maxLifeMs: 60_000,
});
