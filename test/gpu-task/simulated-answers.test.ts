import { expect, it } from 'vitest';
import { planAnswer } from '../../gpu-task/engines/simulated/answers.ts';

const answer = (path: string, request: object) => {
  const planned = planAnswer(path, { model: 'm', ...request });
  if (planned === null) throw new Error(`There is nothing at ${path}.`);
  return { ...planned, body: planned.body('stop') };
};
interface Result {
  readonly index: number;
  readonly relevance_score: number;
  readonly document: { readonly text: string };
}
const resultsOf = (request: object) => answer('/v1/rerank', request).body['results'] as readonly Result[];
const scoresOf = (request: object) =>
  (answer('/v1/score', request).body['data'] as { score: number }[]).map(({ score }) => score);

const documents = ['one', 'two', 'three', 'four', 'five'];

it('ranks documents from the best, and gives the first of them where it is told how many', () => {
  const all = resultsOf({ query: 'q', documents });
  const scores = all.map((result) => result.relevance_score);
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  expect(all.map(({ document }) => document.text).sort()).toEqual([...documents].sort());
  expect(all.every(({ index, document }) => documents[index] === document.text)).toBe(true);
  expect(resultsOf({ query: 'q', documents, top_n: 2 })).toEqual(all.slice(0, 2));
});

it('scores one text with each of a list, or two lists side by side, under any spelling', () => {
  const each = scoresOf({ text_1: 'q', text_2: documents });
  expect(each).toHaveLength(5);
  expect(scoresOf({ queries: 'q', documents })).toEqual(each);
  expect(scoresOf({ queries: Array(5).fill('q'), items: documents })).toEqual(each);
  expect(scoresOf({ data_1: 'q', data_2: 'three' })).toEqual(each.slice(2, 3));
});

it('gives each of several texts a context of its own', () => {
  const long = 'x'.repeat(400);
  const { inputTokens, longestTokens } = answer('/v1/embeddings', { input: [long, long, 'short'] });
  expect(inputTokens).toBeGreaterThan(200);
  expect(longestTokens).toBe(100);
});
