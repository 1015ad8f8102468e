import { expect, it } from 'vitest';
import { startChild } from '../../../local/processes/child.ts';
import { untilAnswers } from '../../../local/processes/until-answers.ts';

const env = { PATH: process.env['PATH'] ?? '' };
const sleeping = () => startChild({ command: ['sleep', '60'], env });
const start = { name: 'sleep', limitMs: 60_000, pollMs: 1 };

it('waits for as long as the program does not answer', async () => {
  const child = sleeping();
  let asked = 0;
  await untilAnswers(child, { ...start, answers: async () => ++asked === 3 });
  expect(asked).toBe(3);
  child.killGroup();
});

it('kills a program that does not answer in time', async () => {
  const child = sleeping();
  const late = untilAnswers(child, { ...start, limitMs: 20, answers: async () => false });
  await expect(late).rejects.toThrow('sleep did not start: no answer within 20 ms.');
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

it('is not taken in by another program that answers where ours has ended', async () => {
  const child = startChild({ command: ['sh', '-c', 'exit 3'], env });
  await child.exited;
  const ended = untilAnswers(child, { ...start, answers: async () => true, printed: ['no port'] });
  await expect(ended).rejects.toThrow('sleep did not start: it ended with 3. It printed:\nno port');
});
