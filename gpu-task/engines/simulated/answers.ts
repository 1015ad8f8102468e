import { createHash } from 'node:crypto';
import { answerTo, pick, tokensIn } from './text.ts';

type Json = Readonly<Record<string, unknown>>;

/** An answer before it is rendered: how much work it is, and the body for a finish reason. */
export interface PlannedAnswer {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly finish: string;
  readonly body: (finish: string | null) => Json;
}

/** Answers without one do not end by themselves; real engines fill the context, which helps nobody here. */
const DEFAULT_MAX_TOKENS = 256;
/** A fixed instant: answers follow from the Request alone. */
const CREATED_AT = 1_790_000_000;
const DEFAULT_DIMENSIONS = 32;

/** The answer to a Request, or null where the path is not one of an engine's. */
export function planAnswer(path: string, request: Json): PlannedAnswer | null {
  switch (path) {
    case '/v1/chat/completions':
      return chatCompletion(request);
    case '/v1/completions':
      return completion(request);
    case '/v1/responses':
      return response(request);
    case '/v1/embeddings':
      return embeddings(request);
    default:
      return null;
  }
}

function chatCompletion(request: Json): PlannedAnswer {
  const text = written(
    textOf(request['messages']),
    request['max_completion_tokens'] ?? request['max_tokens'],
  );
  return {
    ...text,
    body: (finish) => ({
      id: idOf('chatcmpl', request),
      object: 'chat.completion',
      created: CREATED_AT,
      model: request['model'],
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: text.content },
          logprobs: null,
          finish_reason: finish,
        },
      ],
      usage: usage(text),
    }),
  };
}

function completion(request: Json): PlannedAnswer {
  const text = written(textOf(request['prompt']), request['max_tokens']);
  return {
    ...text,
    body: (finish) => ({
      id: idOf('cmpl', request),
      object: 'text_completion',
      created: CREATED_AT,
      model: request['model'],
      choices: [{ index: 0, text: text.content, logprobs: null, finish_reason: finish }],
      usage: usage(text),
    }),
  };
}

function response(request: Json): PlannedAnswer {
  const text = written(textOf(request['input']), request['max_output_tokens']);
  const content = [{ type: 'output_text', text: text.content, annotations: [] }];
  return {
    ...text,
    body: (finish) => ({
      id: idOf('resp', request),
      object: 'response',
      created_at: CREATED_AT,
      status: finish === 'stop' ? 'completed' : finish === 'length' ? 'incomplete' : 'failed',
      incomplete_details: finish === 'length' ? { reason: 'max_output_tokens' } : null,
      model: request['model'],
      output: [
        { id: idOf('msg', request), type: 'message', role: 'assistant', status: 'completed', content },
      ],
      usage: {
        input_tokens: text.inputTokens,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: text.outputTokens,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: text.inputTokens + text.outputTokens,
      },
    }),
  };
}

function embeddings(request: Json): PlannedAnswer {
  const { input, dimensions } = request;
  const texts = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
  const inputTokens = texts.reduce<number>((sum, text) => sum + tokensIn(textOf(text)), 0);
  const size = typeof dimensions === 'number' ? dimensions : DEFAULT_DIMENSIONS;
  return {
    inputTokens,
    outputTokens: 0,
    finish: 'stop',
    body: () => ({
      object: 'list',
      model: request['model'],
      data: texts.map((text, index) => ({
        object: 'embedding',
        index,
        embedding: Array.from({ length: size }, (_, i) => (pick(`${i} ${textOf(text)}`, 2001) - 1000) / 1000),
      })),
      usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
    }),
  };
}

function written(prompt: string, maxTokens: unknown) {
  const limit = typeof maxTokens === 'number' && maxTokens > 0 ? maxTokens : DEFAULT_MAX_TOKENS;
  const whole = answerTo(prompt);
  const isWhole = tokensIn(whole) <= limit;
  const content = isWhole ? whole : whole.slice(0, limit * 4);
  return {
    content,
    inputTokens: tokensIn(prompt),
    outputTokens: tokensIn(content),
    finish: isWhole ? 'stop' : 'length',
  };
}

/** All text in a prompt of whatever shape: messages, parts, lists, plain strings. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : String(value);
  if (Array.isArray(value)) return value.map(textOf).join('\n');
  const part = value as Json;
  return textOf(part['content'] ?? part['text'] ?? '');
}

const idOf = (kind: string, request: Json): string =>
  `${kind}-${createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 24)}`;

const usage = (text: { readonly inputTokens: number; readonly outputTokens: number }) => ({
  prompt_tokens: text.inputTokens,
  completion_tokens: text.outputTokens,
  total_tokens: text.inputTokens + text.outputTokens,
});
