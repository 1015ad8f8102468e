const MODEL = 'qwen3-8b';

/** One input line; the prompt tells which Request it is, so that the engine's log does too. */
export function chatLine(customId: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    custom_id: customId,
    method: 'POST',
    url: '/v1/chat/completions',
    body: {
      model: MODEL,
      messages: [{ role: 'user', content: `This is request <${customId}>. Answer it.` }],
      max_tokens: 60,
    },
    ...more,
  });
}

/** An input file of so many Requests, `r0` and up. */
export function chatLines(count: number): string {
  return Array.from({ length: count }, (_, i) => `${chatLine(`r${i}`)}\n`).join('');
}

export function idsUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `r${i}`);
}

/** Which Request a body in the engine's log belongs to. */
export function requestOf(body: string): string {
  return /request <([^>]+)>/.exec(body)?.[1] ?? '';
}

export function embeddingLines(count: number): string {
  const body = { model: 'qwen3-embedding-0.6b', input: 'Some text.' };
  return Array.from(
    { length: count },
    (_, i) => `${chatLine(`r${i}`, { url: '/v1/embeddings', body })}\n`,
  ).join('');
}
