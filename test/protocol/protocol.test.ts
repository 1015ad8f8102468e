import { expect, test } from 'vitest';
import { simulate } from './simulate.ts';

/** About fifteen seconds on one core; `npm run test:protocol` does as many as you like. */
const RUNS = 4000;
const FIRST_SEED = Number(process.env['SLACKLINE_SEED'] ?? Date.now() % 1_000_000_000);

test(`the protocol holds in ${RUNS} interleavings from SLACKLINE_SEED=${FIRST_SEED}`, async () => {
  for (let run = 0; run < RUNS; run++) {
    const result = await simulate(FIRST_SEED + run);
    if (result.violations.length === 0) continue;
    const { violations } = result;
    const header = `Run ${run}, SLACKLINE_SEED=${FIRST_SEED + run}: ${violations.join('; ')}`;
    expect.fail(`${header}\n${result.trace().join('\n')}`);
  }
}, 120_000);

test('a run follows from its seed', async () => {
  const [first, second] = [await simulate(7), await simulate(7)];
  expect(second.trace()).toEqual(first.trace());
  expect(first.effects).toBeGreaterThan(50);
});

test('runs end in every way that a Batch can end', async () => {
  const outcomes = new Set<string>();
  for (let seed = 1; seed <= 200; seed++) {
    for (const outcome of (await simulate(seed)).outcomes) outcomes.add(outcome);
  }
  expect([...outcomes]).toEqual(expect.arrayContaining(['completed', 'expired', 'cancelled']));
}, 60_000);
