import { expect, test } from 'vitest';
import { MUTANTS } from './mutants.ts';
import { simulate } from './simulate.ts';

/** Several times what the slowest mutant needs. */
const MAX_RUNS = 3000;

test.each(MUTANTS)(
  'without the rule "$rule" something breaks',
  async ({ mutation, bias }) => {
    const broken: string[] = [];
    for (let seed = 1; seed <= MAX_RUNS && broken.length === 0; seed++) {
      broken.push(...(await simulate(seed, { bias, mutation })).violations);
    }
    expect(broken).not.toEqual([]);
  },
  60_000,
);

test.each(MUTANTS)('with the rule "$rule" the same runs hold', async ({ bias }) => {
  for (let seed = 1; seed <= 100; seed++) {
    expect((await simulate(seed, { bias })).violations).toEqual([]);
  }
});
