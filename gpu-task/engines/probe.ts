import type { EngineClient } from '../../core/agent/ports.ts';
import { field } from '../../core/agent/usage.ts';
import { parseJson } from '../../core/agent/verdict.ts';
import type { Endpoint } from '../../core/fleet/endpoints.ts';

/** The cheapest Request of each endpoint, the least demanding first: completions need no chat template. */
const PROBES: readonly (readonly [endpoint: Endpoint, body: object])[] = [
  ['/v1/completions', { prompt: 'a', max_tokens: 1 }],
  ['/v1/embeddings', { input: 'a' }],
  ['/v1/score', { text_1: 'a', text_2: 'a' }],
  ['/v1/rerank', { query: 'a', documents: ['a'] }],
  ['/v1/chat/completions', { messages: [{ role: 'user', content: 'a' }], max_tokens: 1 }],
  ['/v1/responses', { input: 'a', max_output_tokens: 16 }],
];

export interface ProbeOptions {
  readonly model: string;
  readonly endpoints: readonly string[];
  readonly signal: AbortSignal;
}

/** The engine answered a probe, but did not do what it asks. */
export class ProbeRefused extends Error {
  /** It would be refused again. */
  readonly isFinal: boolean;

  constructor(statusCode: number, message: string) {
    super(message);
    this.isFinal = statusCode >= 400 && statusCode < 500 && !PASSING.has(statusCode);
  }
}

/** Of the client errors: a timeout, a conflict, too many Requests. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 429]);

/**
 * Has the engine answer one Request: health alone does not show that it computes, nor that it is the right one for its
 * Fleet's endpoints. Fails with `ProbeRefused`, in the engine's own words, where it refuses.
 */
export async function probeEngine(client: EngineClient, options: ProbeOptions): Promise<void> {
  const { model, endpoints, signal } = options;
  const probe = PROBES.find(([endpoint]) => endpoints.includes(endpoint));
  if (probe === undefined) return;
  const [endpoint, body] = probe;
  const bytes = Buffer.from(JSON.stringify({ model, ...body }));
  const answer = await client.send(endpoint, bytes, signal);
  if (answer.statusCode === 200) return;
  const message = field(field(parseJson(answer.body), 'error'), 'message');
  throw new ProbeRefused(
    answer.statusCode,
    `The engine answers ${answer.statusCode} to a probe of ${endpoint}: ${message ?? 'it does not say why'}.`,
  );
}
