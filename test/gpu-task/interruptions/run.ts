import { parseArgs } from 'node:util';
import { interrupt } from './interrupt.ts';

// Interrupts agents at random moments: `--runs`, `--seed`; with `--checkpoint-seconds` it only kills them, to show what
// an interval costs. The last line on stdout is the result, as JSON.
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    'checkpoint-seconds': { type: 'string' },
  },
});
const checkpointSeconds = values['checkpoint-seconds'];
const scenario =
  checkpointSeconds === undefined ? undefined : { checkpointMs: Number(checkpointSeconds) * 1000 };
const runs = Number(values.runs);
const firstSeed = Number(values.seed ?? process.env['SLACKLINE_SEED'] ?? Date.now() % 1_000_000_000);
const startedAtMs = Date.now();
const sums = {
  ...{ interruptions: 0, noticed: 0, killed: 0, lines: 0, segments: 0 },
  ...{ recomputed: 0, recomputedMs: 0, takenBackEarly: 0 },
};
let violations = 0;

for (let run = 0; run < runs; run++) {
  const result = await interrupt(firstSeed + run, scenario);
  const of = (kind: string): number => result.ends.filter((end) => end.kind === kind).length;
  sums.noticed += of('noticed');
  sums.killed += of('killed');
  sums.lines += result.lines;
  sums.segments += result.segments;
  sums.recomputed += result.recomputed;
  sums.recomputedMs += result.recomputedMs;
  sums.takenBackEarly += result.takenBackEarly;
  violations += result.violations.length;
  if (result.violations.length > 0) console.error(`Seed ${result.seed}: ${result.violations.join(' ')}`);
}

sums.interruptions = sums.noticed + sums.killed;
const seconds = (Date.now() - startedAtMs) / 1000;
console.log(JSON.stringify({ firstSeed, runs, violations, ...sums, seconds }));
process.exitCode = violations > 0 ? 1 : 0;
