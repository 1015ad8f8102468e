import { parseArgs } from 'node:util';
import { type AgentEffort, agentSide } from './agent-vllm/agent-side.ts';
import { benchEngine, type Effort, withDefaultFlags } from './agent-vllm/engine.ts';
import { requestBodies } from './agent-vllm/input.ts';
import { runBatch } from './agent-vllm/run-batch.ts';
import { type Bench, type Figure, median, withBaseline } from './bench.ts';

/** The agent on a real engine, against what vLLM has for files of Requests. */
export const agentVllm: Bench = {
  name: 'agent-vllm',
  about:
    'Runs a file on vLLM for the CPU (--lines 2000, --repeats 3), without its start; baseline: vllm run-batch.',
  async run(args) {
    const { lines, repeats } = optionsOf(args);
    const bodies = requestBodies(lines);
    const rounds: Round[] = [];
    for (let round = 0; round < repeats; round++) {
      const result = await compete(bodies, round);
      process.stderr.write(`repeat ${round + 1}: ${describe(result)}\n`);
      rounds.push(result);
    }
    return figures(rounds);
  },
};

interface Round {
  readonly ours: AgentEffort;
  /** With the same flags. */
  readonly theirs: Effort;
  /** With what vLLM takes by itself. */
  readonly byDefault: Effort;
}

/** Medians of the repeats, and the spread of the ratio to the same flags. */
function figures(rounds: readonly Round[]): Readonly<Record<string, Figure>> {
  const middle = (of: (round: Round) => Effort): number =>
    median(rounds.map((round) => perSecond(of(round))));
  const ours = middle((round) => round.ours);
  const ratios = rounds.map((round) => perSecond(round.ours) / perSecond(round.theirs));
  return {
    tokens_per_second: withBaseline(
      ours,
      middle((round) => round.theirs),
      'tokens/s',
    ),
    to_default_flags: withBaseline(
      ours,
      middle((round) => round.byDefault),
      'tokens/s',
    ),
    lowest_ratio: { value: Number(Math.min(...ratios).toPrecision(3)), unit: 'ratio' },
    highest_ratio: { value: Number(Math.max(...ratios).toPrecision(3)), unit: 'ratio' },
  };
}

function optionsOf(args: readonly string[]): { readonly lines: number; readonly repeats: number } {
  const options = {
    lines: { type: 'string', default: '2000' },
    repeats: { type: 'string', default: '3' },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const [lines, repeats] = [Number(values.lines), Number(values.repeats)];
  for (const [name, value] of Object.entries({ lines, repeats })) {
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0.`);
  }
  return { lines, repeats };
}

/** Each with an engine of its own, whose prefix cache is cold; who is first changes by turns. */
async function compete(bodies: readonly string[], round: number): Promise<Round> {
  const config = benchEngine(process.env);
  const agent = () => agentSide(bodies, process.env);
  const batch = () => runBatch(bodies, config, process.env);
  const byDefault = () => runBatch(bodies, withDefaultFlags(config), process.env);
  if (round % 2 === 0)
    return checked({ theirs: await batch(), byDefault: await byDefault(), ours: await agent() });
  return checked({ ours: await agent(), byDefault: await byDefault(), theirs: await batch() });
}

function checked(round: Round): Round {
  const { ours, theirs, byDefault } = round;
  for (const other of [theirs, byDefault]) {
    if (ours.tokens === other.tokens) continue;
    throw new Error(
      `The agent counts ${ours.tokens} tokens, run-batch ${other.tokens}: they did different work.`,
    );
  }
  return round;
}

const perSecond = ({ tokens, tookMs }: Effort): number => Math.round((tokens / tookMs) * 1000);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const describe = ({ ours, theirs, byDefault }: Round): string =>
  `${perSecond(ours)} of ${perSecond(theirs)} tokens/s (${(perSecond(ours) / perSecond(theirs)).toPrecision(3)}; ` +
  `${perSecond(byDefault)} with default flags), ${ours.tokens} tokens in ${seconds(ours.tookMs)} ` +
  `(${seconds(ours.cpuMs)} CPU of the agent) to ${seconds(theirs.tookMs)}`;
