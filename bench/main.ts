import { arch, cpus, platform, totalmem } from 'node:os';
import { agent } from './agent.ts';
import { agentVllm } from './agent-vllm.ts';
import { intake } from './intake.ts';
import { lineOrder } from './line-order.ts';
import { segments } from './segments.ts';

// `npm run bench -- <name>`: what it measures on stderr; last on stdout, one line of JSON.
const BENCHES = [segments, intake, agent, agentVllm, lineOrder];

const GIB = 1024 ** 3;

function machine(): string {
  const all = cpus();
  const memory = Math.round(totalmem() / GIB);
  return `${all.length} x ${all[0]?.model.trim() ?? 'CPU'}, ${memory} GiB, ${platform()} ${arch()}, Node ${process.version}`;
}

const [name, ...args] = process.argv.slice(2);
const bench = BENCHES.find((candidate) => candidate.name === name);
if (bench === undefined) {
  const known = BENCHES.map((each) => `  ${each.name}: ${each.about}`).join('\n');
  process.stderr.write(
    `${name === undefined ? 'Name a bench' : `There is no bench ${name}`}; these there are:\n${known}\n`,
  );
  process.exitCode = 2;
} else {
  process.stderr.write(`${bench.about}\n`);
  const figures = await bench.run(args);
  process.stdout.write(`${JSON.stringify({ bench: bench.name, figures, machine: machine() })}\n`);
}
