import { CREATED_AT, idOf, type Json, type PlannedAnswer, textOf } from './planned-answer.ts';
import { embeddings, rerank, score } from './pooled-answers.ts';
import { answerTo, tokensIn } from './text.ts';

/** Answers without one do not end by themselves; real engines fill the context, which helps nobody here. */
const DEFAULT_MAX_TOKENS = 256;

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
    case '/v1/score':
      return score(request);
    case '/v1/rerank':
      return rerank(request);
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

const usage = (text: { readonly inputTokens: number; readonly outputTokens: number }) => ({
  prompt_tokens: text.inputTokens,
  completion_tokens: text.outputTokens,
  total_tokens: text.inputTokens + text.outputTokens,
});
