import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectWhole, untilOver } from './finished.ts';
import { createBatch, type Harness, startHarness } from './harness.ts';
import { chatLine, chatLines, idsUpTo } from './input.ts';

let stack: Harness;
let client: OpenAI;

const UPLOAD = {
  filename: 'in.jsonl',
  purpose: 'batch',
  mime_type: 'application/jsonl',
  bytes: 1,
} as const;

beforeAll(async () => {
  stack = await startHarness();
  client = stack.client();
}, 180_000);
afterAll(() => stack?.close(), 60_000);

describe('the openai SDK', () => {
  it('uploads a file, runs a batch of it and downloads the answers', { timeout: 180_000 }, async () => {
    const created = await createBatch(client, chatLines(30));
    expect(created).toMatchObject({
      object: 'batch',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    expect(['validating', 'in_progress']).toContain(created.status);
    const batch = await untilOver(client, created.id);
    const lines = await expectWhole(client, batch, idsUpTo(30));
    for (const { response } of lines) {
      expect(response?.status_code).toBe(200);
      expect(response?.body.choices[0]?.message.content).toBeTruthy();
      expect(response?.body.usage?.total_tokens).toBeGreaterThan(0);
    }
    const output = await client.files.retrieve(batch.output_file_id ?? '');
    expect(output).toMatchObject({ object: 'file', purpose: 'batch_output' });
    expect(batch.completed_at).toBeGreaterThanOrEqual(batch.created_at);
  });

  it('lists batches page by page, the newest first', { timeout: 60_000 }, async () => {
    const made: string[] = [];
    for (const id of ['a', 'b', 'c']) made.unshift((await createBatch(client, chatLine(id))).id);
    const seen: string[] = [];
    for await (const batch of client.batches.list({ limit: 2 })) seen.push(batch.id);
    expect(seen.slice(0, 3)).toEqual(made);
    for (const id of made) expect((await untilOver(client, id)).status).toBe('completed');
  });

  it('cancels a batch and keeps what was finished', { timeout: 180_000 }, async () => {
    const { id } = await createBatch(client, chatLines(600));
    await vi.waitUntil(async () => (await stack.held(id)).size > 0, { timeout: 90_000, interval: 100 });
    expect(['cancelling', 'cancelled']).toContain((await client.batches.cancel(id)).status);
    const batch = await untilOver(client, id);
    expect(batch.status).toBe('cancelled');
    const { total = 0, completed = 0 } = batch.request_counts ?? {};
    expect(total).toBe(600);
    expect(completed).toBeGreaterThan(0);
    expect(completed).toBeLessThan(600);
  });

  it('answers what is not there, and a wrong key, with the errors that the SDK knows', async () => {
    await expect(client.batches.retrieve('batch_none')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(client.files.retrieve('file-none')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const long = '0'.repeat(1100);
    await expect(client.batches.retrieve(`batch_${long}`)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(client.files.retrieve(`file-${long}`)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: 'sk-wrong', maxRetries: 0 });
    await expect(stranger.batches.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });

  it('reads why a file of 6 MB does not come through, from the gateway itself', async () => {
    const file = await toFile(Buffer.alloc(6_000_000, '{}\n'), 'in.jsonl');
    await expect(client.files.create({ file, purpose: 'batch' })).rejects.toMatchObject({
      status: 413,
      type: 'invalid_request_error',
      param: null,
      code: 'request_too_large',
      error: { message: expect.stringMatching(/larger than 4\.5 MB.*POST \/v1\/uploads/) },
    });
  });
});

describe('another tenant', () => {
  it('finds nothing of what the first one has', { timeout: 120_000 }, async () => {
    const { id } = await createBatch(client, chatLine('mine'));
    const upload = await client.uploads.create(UPLOAD);
    const batch = await untilOver(client, id);
    const output = batch.output_file_id ?? '';
    const manifest = `/batches/${id}/manifest`;
    expect(await client.get(manifest)).toBeTruthy();
    const other = await stack.clientOf('other');
    const refused: readonly (() => Promise<unknown>)[] = [
      () => other.batches.retrieve(id),
      () => other.batches.cancel(id),
      () => other.get(manifest),
      () => other.batches.list({ after: id }),
      () => other.files.retrieve(batch.input_file_id),
      () => other.files.retrieve(output),
      () => other.files.content(output),
      () => other.files.delete(output),
      () => other.uploads.parts.create(upload.id, { data: new File(['x'], 'part') }),
      () => other.uploads.complete(upload.id, { part_ids: [] }),
      () => other.uploads.cancel(upload.id),
    ];
    for (const call of refused) await expect(call()).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    expect((await other.batches.list()).data).toEqual([]);
    expect((await other.files.list()).data).toEqual([]);
    expect((await client.uploads.cancel(upload.id)).status).toBe('cancelled');
  });
});
