import { parseArgs } from 'node:util';
import { type AgentEffort, agentSide } from './agent-vllm/agent-side.ts';
import type { Effort } from './agent-vllm/engine.ts';
import { requestBodies } from './agent-vllm/input.ts';
import { runBatch } from './agent-vllm/run-batch.ts';
import { type Bench, median, withBaseline } from './bench.ts';

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
    return {
      tokens_per_second: withBaseline(
        median(rounds.map(({ ours }) => perSecond(ours))),
        median(rounds.map(({ theirs }) => perSecond(theirs))),
        'tokens/s',
      ),
    };
  },
};

interface Round {
  readonly ours: AgentEffort;
  readonly theirs: Effort;
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
  if (round % 2 === 1) {
    const ours = await agentSide(bodies, process.env);
    return checked({ ours, theirs: await runBatch(bodies, process.env) });
  }
  const theirs = await runBatch(bodies, process.env);
  return checked({ ours: await agentSide(bodies, process.env), theirs });
}

function checked(round: Round): Round {
  const { ours, theirs } = round;
  if (ours.tokens !== theirs.tokens) {
    throw new Error(
      `The agent counts ${ours.tokens} tokens, run-batch ${theirs.tokens}: they did different work.`,
    );
  }
  return round;
}

const perSecond = ({ tokens, tookMs }: Effort): number => Math.round((tokens / tookMs) * 1000);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const describe = ({ ours, theirs }: Round): string =>
  `${perSecond(ours)} of ${perSecond(theirs)} tokens/s (${(perSecond(ours) / perSecond(theirs)).toPrecision(3)}), ` +
  `${ours.tokens} tokens in ${seconds(ours.tookMs)} (${seconds(ours.cpuMs)} CPU of the agent) to ${seconds(theirs.tookMs)}`;
