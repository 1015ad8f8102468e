/** What a Batch may be for: OpenAI's four, and vLLM's two for models that compare texts. */
export const ENDPOINTS = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/responses',
  '/v1/embeddings',
  '/v1/score',
  '/v1/rerank',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

const POOLED: ReadonlySet<string> = new Set<Endpoint>(['/v1/embeddings', '/v1/score', '/v1/rerank']);

/** Whether an answer follows from the input alone and no token is written. One engine serves one of the two sorts. */
export const isPooled = (endpoint: string): boolean => POOLED.has(endpoint);
