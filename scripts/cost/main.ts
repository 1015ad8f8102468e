import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../lib/config.ts';
import { synthesize } from '../../local/synth.ts';
import { busyCosts, taskHoursOf } from './busy.ts';
import { countedRun } from './counting/run.ts';
import { tally } from './counting/tally.ts';
import { COUNTS_FILE, readCounts } from './counts.ts';
import { costDocument } from './document.ts';
import { freeAllowance, idleCosts } from './idle.ts';
import { readPrices, totalOf } from './prices.ts';
import { resourcesOf } from './template.ts';
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

const [counts, prices] = [readCounts(), readPrices()];
const { profile, catalogue } = readConfig(join(ROOT, 'config'), 'dev');
const assembly = await synthesize({ profile: 'dev' });
const file = join(assembly, `${profile.stackName}.template.json`);
const resources = resourcesOf(JSON.parse(readFileSync(file, 'utf8')));
const fleet = catalogue.fleets.find(({ model }) => model === WORKLOAD.model);
const gpuClass = catalogue.gpuClasses.find(({ id }) => id === fleet?.gpuClass);
if (fleet === undefined || gpuClass === undefined) throw new Error(`No Fleet of dev runs ${WORKLOAD.model}.`);

const { tokensPerSecond } = fleet;
const taskHours = taskHoursOf(tokensPerSecond);
const idle = idleCosts(resources, counts, prices);
const busy = busyCosts({ resources, counts, prices, taskHours });
const free = freeAllowance(resources, prices);
const facts = { idle, free, busy, taskHours, tokensPerSecond, gpuClass, counts, prices };
writeFileSync(join(ROOT, 'docs', 'cost.md'), costDocument(facts));
const share = (totalOf(busy) / (taskHours * gpuClass.usdPerHour.spot)) * 100;
say(
  `Idle: $${totalOf(idle).toFixed(2)} a month, $${(totalOf(idle) - free).toFixed(2)} after CloudWatch's allowance. Under the workload: $${totalOf(busy).toFixed(2)} a day, ${share.toFixed(2)} % of its GPUs.`,
);
