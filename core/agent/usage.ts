/** Tokens as an engine counts them. */
export interface Usage {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}

export const NO_USAGE: Usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 };

/** The usage in an answer's body; zero where it says nothing. Both namings of the OpenAI API are known. */
export function usageOf(body: unknown): Usage {
  const usage = field(body, 'usage');
  const input = count(usage, 'prompt_tokens') ?? count(usage, 'input_tokens') ?? 0;
  const inputDetails = field(usage, 'prompt_tokens_details') ?? field(usage, 'input_tokens_details');
  const outputDetails = field(usage, 'completion_tokens_details') ?? field(usage, 'output_tokens_details');
  return {
    inputTokens: input,
    cachedTokens: count(inputDetails, 'cached_tokens') ?? 0,
    outputTokens: count(usage, 'completion_tokens') ?? count(usage, 'output_tokens') ?? 0,
    reasoningTokens: count(outputDetails, 'reasoning_tokens') ?? 0,
  };
}

/** A field of something that may not be an object; null counts as absent. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name] ?? undefined;
}

function count(value: unknown, name: string): number | undefined {
  const number = field(value, name);
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}
