import type OpenAI from 'openai';
import { toFile } from 'openai';

export type Endpoint = '/v1/chat/completions' | '/v1/completions' | '/v1/embeddings';

/** Enough to be in the middle of, at the thousands of tokens a second that the tiny model writes. */
export const LONG_ANSWER_TOKENS = 300;

const prompt = (id: string): string => `This is request <${id}>. Answer it.`;

/** The random model may end at any token: it shall not. */
const answer = (tokens: number) => ({ max_tokens: tokens, ignore_eos: true });

const BODIES: Readonly<Record<Endpoint, (id: string, tokens: number) => object>> = {
  '/v1/chat/completions': (id, tokens) => ({
    model: 'qwen3-8b',
    messages: [{ role: 'user', content: prompt(id) }],
    ...answer(tokens),
  }),
  '/v1/completions': (id, tokens) => ({ model: 'qwen3-8b', prompt: prompt(id), ...answer(tokens) }),
  '/v1/embeddings': (id) => ({ model: 'qwen3-embedding-0.6b', input: prompt(id) }),
};

export interface BatchOf {
  readonly endpoint: Endpoint;
  readonly ids: readonly string[];
  readonly tokens?: number;
}

/** Uploads a file of Requests to an endpoint and creates a Batch of it. */
export async function batchOf(
  client: OpenAI,
  { endpoint, ids, tokens = 20 }: BatchOf,
): Promise<OpenAI.Batch> {
  const lines = ids.map((id) =>
    JSON.stringify({ custom_id: id, method: 'POST', url: endpoint, body: BODIES[endpoint](id, tokens) }),
  );
  const file = await client.files.create({
    file: await toFile(Buffer.from(`${lines.join('\n')}\n`), 'in.jsonl'),
    purpose: 'batch',
  });
  return client.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' });
}
