import type { Endpoint } from '../fleet/endpoints.ts';

/** What a body must hold beside `model`, and how OpenAI's messages name the API. */
export interface EndpointRules {
  readonly api: string;
  /** Alternatives: of one of them every field must be there. */
  readonly fields: readonly [readonly string[], ...(readonly string[])[]];
}

const RULES: Readonly<Record<Endpoint, EndpointRules>> = {
  '/v1/chat/completions': { api: 'Chat Completions', fields: [['messages']] },
  '/v1/completions': { api: 'Completions', fields: [['prompt']] },
  '/v1/responses': { api: 'Responses', fields: [['input']] },
  '/v1/embeddings': { api: 'Embeddings', fields: [['input']] },
  '/v1/score': {
    api: 'Score',
    fields: [
      ['queries', 'documents'],
      ['queries', 'items'],
      ['text_1', 'text_2'],
      ['data_1', 'data_2'],
    ],
  },
  '/v1/rerank': { api: 'Rerank', fields: [['query', 'documents']] },
};

/** The rules of an endpoint; of one that a Batch of an earlier release may name, only the model is checked. */
export const rulesOf = (endpoint: string): EndpointRules =>
  (RULES as Readonly<Record<string, EndpointRules>>)[endpoint] ?? { api: endpoint, fields: [[]] };
