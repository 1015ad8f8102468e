import { setTimeout as delay } from 'node:timers/promises';
import type OpenAI from 'openai';

export interface BatchOptions {
  readonly lines: number;
  readonly bodyBytes: number;
  readonly maxTokens: number;
  readonly say: (line: string) => void;
}

const POLL_EVERY_MS = 5_000;

/** Uploads a file by its presigned URL, makes a Batch of it and waits for its end; answers how often it polled. */
export async function runBatch(client: OpenAI, options: BatchOptions): Promise<number> {
  const { lines, say } = options;
  const file = await upload(client, Array.from({ length: lines }, (_, i) => lineOf(i, options)).join(''));
  const { id } = await client.batches.create({
    input_file_id: file,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  });
  for (let polls = 1; ; polls++) {
    await delay(POLL_EVERY_MS);
    const batch = await client.batches.retrieve(id);
    say(`${batch.status}: ${batch.request_counts?.completed ?? 0} of ${lines}`);
    if (batch.status === 'completed' && batch.request_counts?.completed === lines) return polls;
    if (!['validating', 'in_progress', 'finalizing'].includes(batch.status)) {
      throw new Error(`The Batch ended as ${batch.status}.`);
    }
  }
}

/** Every prompt begins differently, as those of most files do. */
function lineOf(i: number, { bodyBytes, maxTokens }: BatchOptions): string {
  const body = (content: string) => ({
    model: 'qwen3-8b',
    messages: [{ role: 'user', content }],
    max_tokens: maxTokens,
  });
  const frame = JSON.stringify(body('')).length;
  const content = `Question ${i}: ${'what is said of this in the text below? '.repeat(bodyBytes / 40 + 1)}`;
  const request = { custom_id: `request-${i}`, method: 'POST', url: '/v1/chat/completions' };
  return `${JSON.stringify({ ...request, body: body(content.slice(0, bodyBytes - frame)) })}\n`;
}

interface PresignedPut {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}
interface DirectUpload {
  readonly slackline: {
    readonly put?: PresignedPut;
    readonly parts?: readonly (PresignedPut & { readonly bytes: number })[];
  };
}

async function upload(client: OpenAI, text: string): Promise<string> {
  const bytes = Buffer.from(text);
  const created = await client.uploads.create({
    filename: 'in.jsonl',
    purpose: 'batch',
    mime_type: 'application/jsonl',
    bytes: bytes.length,
  });
  const { put, parts = [] } = (created as unknown as DirectUpload).slackline;
  if (put !== undefined) await send(put, bytes);
  let from = 0;
  for (const part of parts) {
    await send(part, bytes.subarray(from, from + part.bytes));
    from += part.bytes;
  }
  const { file } = await client.uploads.complete(created.id, { part_ids: [] });
  if (!file) throw new Error(`The Upload ${created.id} has no File.`);
  return file.id;
}

async function send({ url, headers }: PresignedPut, body: Buffer<ArrayBuffer>): Promise<void> {
  const stored = await fetch(url, { method: 'PUT', headers, body });
  if (!stored.ok) throw new Error(`The upload was refused: ${stored.status} ${await stored.text()}`);
}
