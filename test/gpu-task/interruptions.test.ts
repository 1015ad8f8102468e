import { expect, it } from 'vitest';
import { interrupt } from './interruptions/interrupt.ts';

/** A few seconds; `npm run test:interruptions` does as many as you like. */
const RUNS = 200;
const FIRST_SEED = Number(process.env['SLACKLINE_SEED'] ?? Date.now() % 1_000_000_000);

it(`loses no line and computes none again without need, interrupted in ${RUNS} runs from SLACKLINE_SEED=${FIRST_SEED}`, async () => {
  const kinds = new Set<string>();
  for (let run = 0; run < RUNS; run++) {
    const { seed, violations, ends } = await interrupt(FIRST_SEED + run);
    for (const { kind } of ends) kinds.add(kind);
    expect(violations, `SLACKLINE_SEED=${seed}`).toEqual([]);
  }
  expect([...kinds].sort()).toEqual(['killed', 'none', 'noticed']);
}, 60_000);

it('follows from its seed', async () => {
  expect(await interrupt(7)).toEqual(await interrupt(7));
});
