import { parseArgs } from 'node:util';
import { interrupt } from './interrupt.ts';

// Interrupts agents at random moments: `--runs`, `--seed`. The last line on stdout is the result, as JSON.
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1000' }, seed: { type: 'string' } },
});
const runs = Number(values.runs);
const firstSeed = Number(values.seed ?? process.env['SLACKLINE_SEED'] ?? Date.now() % 1_000_000_000);
const startedAtMs = Date.now();
const sums = { interruptions: 0, noticed: 0, killed: 0, lines: 0, recomputed: 0, takenBackEarly: 0 };
let violations = 0;

for (let run = 0; run < runs; run++) {
  const result = await interrupt(firstSeed + run);
  const of = (kind: string): number => result.ends.filter((end) => end.kind === kind).length;
  sums.noticed += of('noticed');
  sums.killed += of('killed');
  sums.lines += result.lines;
  sums.recomputed += result.recomputed;
  sums.takenBackEarly += result.takenBackEarly;
  violations += result.violations.length;
  if (result.violations.length > 0) console.error(`Seed ${result.seed}: ${result.violations.join(' ')}`);
}

sums.interruptions = sums.noticed + sums.killed;
const seconds = (Date.now() - startedAtMs) / 1000;
console.log(JSON.stringify({ firstSeed, runs, violations, ...sums, seconds }));
process.exitCode = violations > 0 ? 1 : 0;
