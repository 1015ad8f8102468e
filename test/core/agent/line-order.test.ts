import { expect, it } from 'vitest';
import { runOrder } from '../../../core/agent/line-order.ts';

const SYSTEM = [...'ab'].map((letter) => letter.repeat(600));
const orderOf = (bodies: readonly string[], isFinished = (_index: number): boolean => false) =>
  runOrder(
    bodies.map((body, i) => ({ line: i + 1, customId: `${i}`, body: Buffer.from(body) })),
    isFinished,
  );

it('runs the longest body first where no bodies begin alike', () => {
  expect(orderOf(['a', 'bbb', 'cc', 'ddd'])).toEqual([1, 3, 2, 0]);
});

it('runs first what may write the longest answer, whatever the bound is called', () => {
  const asking = (bound: string): string => `{"messages":[],${bound}}`;
  const bodies = ['"max_tokens":8', '"max_completion_tokens" : 900', '"n":1', '"max_output_tokens":\n300'];
  // Without a bound: 256 tokens.
  expect(orderOf(bodies.map(asking))).toEqual([1, 3, 2, 0]);
});

it('weighs the answer against the body, at four bytes a token', () => {
  const [long, short] = [`{"content":"${'a'.repeat(4000)}","max_tokens":10}`, '{"max_tokens":1000}'];
  expect(orderOf([short, long])).toEqual([1, 0]);
  expect(orderOf(['{"max_tokens":1100}', long])).toEqual([0, 1]);
});

it('is not misled by a bound in the text of a prompt, nor by a field of that name that is no number', () => {
  const quoted = JSON.stringify({ content: '"max_tokens": 9000' });
  const schema = JSON.stringify({ tools: { max_tokens: { type: 'integer' } }, max_tokens: 1 });
  expect(orderOf(['{"max_tokens":500}', quoted, schema])).toEqual([0, 1, 2]);
});

it('keeps lines of a common beginning together, and the longest of each group first', () => {
  const [a = '', b = ''] = SYSTEM;
  expect(orderOf([`${a}1`, `${a}333`, `${a}22`, `${b}4444`, `${b}55555`, 'short'])).toEqual([
    4, 3, 1, 2, 0, 5,
  ]);
});

it('takes a short common beginning for none', () => {
  const beginning = 'a'.repeat(500);
  expect(orderOf([`${beginning}1`, `${beginning}22`, 'b'.repeat(501), `${beginning}333`])).toEqual([
    3, 1, 0, 2,
  ]);
});

it('leaves out what is finished, and ranks a group by what is left of it', () => {
  const [a = '', b = ''] = SYSTEM;
  const bodies = [`${a}999999`, `${a}1`, `${b}22`, `${b}333`];
  expect(orderOf(bodies, (index) => index === 0)).toEqual([3, 2, 1]);
});
