import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type OpenAI from 'openai';
import { toFile } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectWhole, untilOver } from './finished.ts';
import { type Harness, startHarness } from './harness.ts';

const EXAMPLES = readFileSync(join(import.meta.dirname, '../../examples/rerank.jsonl'), 'utf8');

let stack: Harness;
beforeAll(async () => {
  stack = await startHarness({ options: ['--profile', 'local', '--port', '0'] });
}, 180_000);
afterAll(() => stack?.close());

/** Runs these lines as a Batch of an endpoint that the SDK's types do not know. */
async function bodiesOf(endpoint: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = stack.client();
  const file = await client.files.create({
    file: await toFile(Buffer.from(text), 'in.jsonl'),
    purpose: 'batch',
  });
  const create = { input_file_id: file.id, endpoint, completion_window: '24h' };
  const { id } = await client.batches.create(create as OpenAI.BatchCreateParams);
  const lines = text.trimEnd().split('\n');
  const ids = lines.map((line) => (JSON.parse(line) as { custom_id: string }).custom_id);
  const results = await expectWhole(client, await untilOver(client, id), ids);
  return results.map(({ response }) => response?.body as unknown as Record<string, unknown>);
}

it('answers Batches of vLLM’s own endpoints like those of OpenAI', async () => {
  const score = { model: 'bge-reranker-v2-m3', queries: 'one', documents: ['two', 'three'] };
  const line = { custom_id: 'a', method: 'POST', url: '/v1/score', body: score };
  const [ranked, scored] = await Promise.all([
    bodiesOf('/v1/rerank', EXAMPLES),
    bodiesOf('/v1/score', `${JSON.stringify(line)}\n`),
  ]);
  expect(ranked.length).toBeGreaterThan(1);
  for (const { results } of ranked) expect(results).toHaveLength(3);
  expect(scored).toMatchObject([{ object: 'list', data: [{ index: 0 }, { index: 1 }] }]);
});

it('lists which model serves them', async () => {
  const { data } = await stack.client().models.list();
  const served = data.map((model) => [model.id, (model as { slackline?: object }).slackline]);
  expect(served).toContainEqual([
    'bge-reranker-v2-m3',
    expect.objectContaining({ endpoints: ['/v1/score', '/v1/rerank'] }),
  ]);
});
