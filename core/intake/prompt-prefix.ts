import { hash } from 'node:crypto';
import type { JsonObject } from './check-line.ts';

/**
 * Requests that begin alike run one after the other, so that the engine's prefix cache (blocks of 16 tokens) serves
 * the beginning. 512 characters are about 128 tokens: a shorter common beginning is not worth a place in the order.
 */
const PREFIX_CHARACTERS = 512;

/**
 * Names the group that a Request's prompt begins like: Requests of equal keys share their first 512 characters of
 * instructions and first message (or prompt). Only a hint for the order: anything unusual falls into some group.
 */
export function prefixKey(body: JsonObject): string {
  const beginning = [...beginningOf(body)].map(textOf).join('\n').slice(0, PREFIX_CHARACTERS);
  return hash('sha1', beginning, 'base64');
}

/**
 * The first message of a chat is mostly the system prompt; instructions stand before the input of a response, and a
 * query before each text that it is compared with.
 */
function* beginningOf(body: JsonObject): Generator<unknown> {
  const { messages, instructions, prompt, input, query, queries, text_1, data_1 } = body;
  if (Array.isArray(messages)) yield messages[0];
  yield instructions;
  for (const value of [prompt, input, query, queries, text_1, data_1])
    yield Array.isArray(value) ? value[0] : value;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
