import { CREATED_AT, idOf, type Json, type PlannedAnswer, textOf } from './planned-answer.ts';
import { pick, tokensIn } from './text.ts';

const DEFAULT_DIMENSIONS = 32;

export function embeddings(request: Json): PlannedAnswer {
  const { input, dimensions } = request;
  const texts = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
  const size = typeof dimensions === 'number' ? dimensions : DEFAULT_DIMENSIONS;
  return pooled(texts.map(textOf), (usage) => ({
    object: 'list',
    model: request['model'],
    data: texts.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: Array.from({ length: size }, (_, i) => (pick(`${i} ${textOf(text)}`, 2001) - 1000) / 1000),
    })),
    usage,
  }));
}

/** As vLLM: one of the spellings, a text with each of a list, or two lists of one length. */
export function score(request: Json): PlannedAnswer {
  const queries = listOf(request['queries'] ?? request['text_1'] ?? request['data_1']);
  const others = request['documents'] ?? request['items'] ?? request['text_2'] ?? request['data_2'];
  const pairs = listOf(others).map((text, i) => [queries[i] ?? queries[0], text] as const);
  const data = pairs.map((pair, index) => ({ index, object: 'score', score: similarity(...pair) }));
  return pooled(pairs.map(joined), (usage) => ({
    ...{ id: idOf('score', request), object: 'list', created: CREATED_AT, model: request['model'], data },
    usage: { ...usage, completion_tokens: 0, prompt_tokens_details: null },
  }));
}

export function rerank(request: Json): PlannedAnswer {
  const { query, documents, top_n } = request;
  const pairs = listOf(documents).map((text) => [query, text] as const);
  const results = pairs
    .map((pair, index) => ({
      index,
      document: { text: textOf(pair[1]), multi_modal: null },
      relevance_score: similarity(...pair),
    }))
    .sort((a, b) => b.relevance_score - a.relevance_score)
    .slice(0, typeof top_n === 'number' && top_n > 0 ? top_n : undefined);
  return pooled(pairs.map(joined), (usage) => ({
    ...{ id: idOf('score', request), model: request['model'], usage, results },
  }));
}

/** Each of the sequences has a context of its own. */
function pooled(sequences: readonly string[], body: (usage: Json) => Json): PlannedAnswer {
  const tokens = sequences.map(tokensIn);
  const inputTokens = tokens.reduce((sum, each) => sum + each, 0);
  return {
    ...{ inputTokens, longestTokens: Math.max(0, ...tokens), outputTokens: 0, finish: 'stop' },
    body: () => body({ prompt_tokens: inputTokens, total_tokens: inputTokens }),
  };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

type Pair = readonly [unknown, unknown];

const joined = (pair: Pair): string => pair.map(textOf).join('\n');

/** In [0, 1], the same for the same texts. */
const similarity = (...pair: Pair): number => pick(joined(pair), 1001) / 1000;
