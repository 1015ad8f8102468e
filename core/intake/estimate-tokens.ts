import type { Fleet } from '../fleet/catalogue.ts';
import { isPooled } from '../fleet/endpoints.ts';
import type { JsonObject } from './check-line.ts';
import { pooledInput } from './pooled-input.ts';

/** English text and JSON run at about four bytes a token with the tokenizers in use. */
export const BYTES_PER_TOKEN = 4;
/** Where a body sets no bound: about two paragraphs. */
export const UNBOUNDED_OUTPUT_TOKENS = 256;
const BOUNDS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const;

/**
 * Tokens (in and out) that a Request is expected to cost: a prior for cutting Shards and for the first forecast,
 * before anything is measured. Input is a quarter of the body's bytes, output the bound that the body sets; both
 * end at the context, because the engine refuses what is longer (and media in base64 is no text). Where nothing is
 * written each text of a list has a context of its own, and one query is read with every document.
 */
export function estimateTokens(
  body: JsonObject,
  bodyBytes: number,
  at: { readonly endpoint: string; readonly fleet: Pick<Fleet, 'contextTokens'> },
): number {
  const { contextTokens } = at.fleet;
  if (isPooled(at.endpoint)) {
    const { sequences, repeatedBytes } = pooledInput(body);
    return Math.min(tokensIn(bodyBytes + repeatedBytes), sequences * contextTokens);
  }
  const inputTokens = Math.min(tokensIn(bodyBytes), contextTokens);
  const bound = BOUNDS.map((name) => positive(body[name])).find((value) => value !== null);
  const outputTokens = Math.min(bound ?? UNBOUNDED_OUTPUT_TOKENS, contextTokens - inputTokens);
  return inputTokens + outputTokens * (positive(body.n) ?? 1);
}

const tokensIn = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN);

/** Nothing in a body was checked but its presence; a wrong bound is the engine's to refuse. */
const positive = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 1 ? Math.ceil(value) : null;
