import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, seed: { type: 'string' } },
});
const runs = Number(values.runs);
const firstSeed = Number(values.seed ?? process.env['SLACKLINE_SEED'] ?? Date.now() % 1_000_000_000);
const startedAtMs = Date.now();
const outcomes: Record<string, number> = {};
let effects = 0;
let violations = 0;

for (let run = 0; run < runs; run++) {
  const seed = firstSeed + run;
  const result = await simulate(seed);
  effects += result.effects;
  for (const outcome of result.outcomes) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  if (result.violations.length > 0) {
    violations++;
    if (violations === 1) console.error(result.trace().join('\n'));
    console.error(`Run ${run}, seed ${seed}: ${result.violations.join('; ')}`);
  }
  if ((run + 1) % 1000 === 0) console.error(`${run + 1} of ${runs} runs, ${violations} violations`);
}

const seconds = (Date.now() - startedAtMs) / 1000;
console.log(JSON.stringify({ firstSeed, runs, violations, effects, outcomes, seconds }));
process.exitCode = violations > 0 ? 1 : 0;
