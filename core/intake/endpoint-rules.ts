/** What a body must hold beside `model`, and how OpenAI's messages name the API. */
export interface EndpointRules {
  readonly api: string;
  /** @default - nothing but the model is required */
  readonly prompt?: 'messages' | 'prompt' | 'input';
  /** Whether the engine writes tokens; an embedding costs its input alone. */
  readonly generates: boolean;
}

const RULES: Readonly<Record<string, EndpointRules>> = {
  '/v1/chat/completions': { api: 'Chat Completions', prompt: 'messages', generates: true },
  '/v1/completions': { api: 'Completions', prompt: 'prompt', generates: true },
  '/v1/responses': { api: 'Responses', prompt: 'input', generates: true },
  '/v1/embeddings': { api: 'Embeddings', prompt: 'input', generates: false },
};

/** The rules of an endpoint; of one that is not among OpenAI's four only the model is checked. */
export const rulesOf = (endpoint: string): EndpointRules =>
  RULES[endpoint] ?? { api: endpoint, generates: true };
