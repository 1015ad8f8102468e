import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../lib/config.ts';
import { synthesize } from '../../local/synth.ts';
import { countedRun } from './counting/run.ts';
import { tally } from './counting/tally.ts';
import { COUNTS_FILE } from './counts.ts';
import { busyPercent, costDocument, idleUsd } from './document.ts';
import { costFacts } from './facts.ts';
import { totalOf } from './prices.ts';
import { RUNS, WORKLOAD } from './workload.ts';

// `npm run cost`: writes docs/cost.md; with --count it counts the calls of local runs first, which takes minutes.
const ROOT = join(import.meta.dirname, '..', '..');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function count(run: (typeof RUNS)[keyof typeof RUNS]) {
  say(`Counting a Batch of ${run.lines} Requests in the profile ${run.profile}.`);
  const { bodyBytes, outputTokens: maxTokens } = WORKLOAD;
  return tally(await countedRun({ ...run, bodyBytes, maxTokens, say }), run);
}

if (process.argv.includes('--count')) {
  const countedOn = new Date().toISOString().slice(0, 10);
  const counts = { countedOn, calls: await count(RUNS.calls), bytes: await count(RUNS.bytes) };
  writeFileSync(COUNTS_FILE, `${JSON.stringify(counts, null, 2)}\n`);
}

const { profile, catalogue } = readConfig(join(ROOT, 'config'), 'dev');
const assembly = await synthesize({ profile: 'dev' });
const template: unknown = JSON.parse(
  readFileSync(join(assembly, `${profile.stackName}.template.json`), 'utf8'),
);
const facts = costFacts({ template, profile, catalogue });
writeFileSync(join(ROOT, 'docs', 'cost.md'), costDocument(facts));
say(
  `Idle: $${idleUsd(facts).toFixed(2)} a month. Under the workload: $${totalOf(facts.busy).toFixed(2)} a day, ${busyPercent(facts).toFixed(2)} % of its GPUs.`,
);
