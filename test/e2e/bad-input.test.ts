import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DirectUpload } from '../../core/wire/upload.ts';
import { untilOver } from './finished.ts';
import { createBatch, type Harness, startHarness } from './harness.ts';
import { chatLine } from './input.ts';

let stack: Harness;
let client: OpenAI;

beforeAll(async () => {
  stack = await startHarness();
  client = stack.client();
}, 180_000);
afterAll(() => stack?.close(), 60_000);

const body = (more: object) => ({
  body: { model: 'qwen3-8b', messages: [{ role: 'user', content: 'x' }], ...more },
});
const good = chatLine('good');

it.each([
  ['a line that is no JSON', `${good}\n{"custom_id": "b"\n`, ['invalid_json_line', 2]],
  [
    'a line without custom_id',
    `${chatLine('a', { custom_id: undefined })}\n`,
    ['missing_required_parameter', 1],
  ],
  ['a custom_id used twice', `${good}\n${chatLine('b')}\n${good}\n`, ['duplicate_custom_id', 3]],
  ['another method', `${good}\n${chatLine('b', { method: 'GET' })}\n`, ['invalid_request', 2]],
  ['another endpoint', `${chatLine('a', { url: '/v1/embeddings' })}\n`, ['invalid_url', 1]],
  ['a model that no Fleet runs', `${chatLine('a', body({ model: 'gpt-none' }))}\n`, ['model_not_found', 1]],
  ['no model', `${chatLine('a', body({ model: undefined }))}\n`, ['invalid_request', 1]],
  ['streaming', `${good}\n${chatLine('b', body({ stream: true }))}\n`, ['streaming_unsupported', 2]],
  ['no messages', `${chatLine('a', body({ messages: undefined }))}\n`, ['invalid_request', 1]],
])(
  'fails a file with %s, naming code and line, and runs nothing',
  { timeout: 60_000 },
  async (_, text, error) => {
    const batch = await untilOver(client, (await createBatch(client, text)).id, 45_000);
    expect(batch.status).toBe('failed');
    expect(batch.errors?.data?.map(({ code, line }) => [code, line])).toEqual([error]);
    expect(batch.errors?.data?.[0]?.message).toBeTruthy();
    expect(batch.output_file_id ?? null).toBeNull();
    expect(stack.sent()).toEqual([]);
  },
);

it('refuses a file without a request at the upload', async () => {
  await expect(createBatch(client, '\n')).rejects.toThrow(/400 .*The file is empty/);
});

it('fails a file of blank lines that came by its presigned URL, and runs nothing', {
  timeout: 60_000,
}, async () => {
  const blank = '\n \n\r\n';
  const batch = await untilOver(client, (await createUploaded(client, blank)).id, 45_000);
  expect(batch.status).toBe('failed');
  expect(batch.errors?.data?.map(({ code }) => code)).toEqual(['empty_file']);
  expect(batch.output_file_id ?? null).toBeNull();
  expect(stack.sent()).toEqual([]);
});

it('names every bad line, not only the first', { timeout: 60_000 }, async () => {
  const lines = [good, 'nonsense', chatLine('c', { method: 'PUT' }), good].join('\n');
  const batch = await untilOver(client, (await createBatch(client, lines)).id, 45_000);
  expect(batch.errors?.data?.map(({ code, line }) => [code, line])).toEqual([
    ['invalid_json_line', 2],
    ['invalid_request', 3],
    ['duplicate_custom_id', 4],
  ]);
});

/** A Batch of an input that goes straight to the object store, where nobody looks into it. */
async function createUploaded(sdk: OpenAI, lines: string): Promise<OpenAI.Batch> {
  const fields = { filename: 'in.jsonl', purpose: 'batch', mime_type: 'application/jsonl' } as const;
  const upload = await sdk.uploads.create({ ...fields, bytes: Buffer.byteLength(lines) });
  const direct = (upload as OpenAI.Upload & { readonly slackline: DirectUpload }).slackline;
  if (!('put' in direct)) throw new Error('The Upload asks for parts.');
  const { url, headers } = direct.put;
  expect((await fetch(url, { method: 'PUT', body: lines, headers })).status).toBe(200);
  const { file } = await sdk.uploads.complete(upload.id, { part_ids: [] });
  return sdk.batches.create({
    input_file_id: file?.id ?? '',
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  });
}
