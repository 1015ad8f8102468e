import type { RunningEngine } from '../gpu-task/engines/engine.ts';
import { runAgentOnce } from './agent/agent-run.ts';
import { bareLoop } from './agent/bare-loop.ts';
import { startEngine } from './agent/engine.ts';
import { type Effort, measure, retainedMib } from './agent/measure.ts';
import { type Bench, type Figure, withBaseline } from './bench.ts';

/** Shards of short Requests have as many lines as they may. */
const A_ROUND = { shards: 8, linesPerShard: 8192 };
const REQUESTS_A_ROUND = A_ROUND.shards * A_ROUND.linesPerShard;
/** The first warms both up: an agent runs for hours. */
const ROUNDS = 6;
const FOR_MEMORY = { shards: 100, linesPerShard: 1000 };

/** The agent's own ceiling: what it costs beside the Requests themselves. */
export const agent: Bench = {
  name: 'agent',
  about:
    'Runs Shards of 1 KB bodies on the simulated engine without latency; baseline: a bare undici loop on its socket.',
  async run() {
    const engine = await startEngine();
    try {
      const rounds = await contest(engine);
      return { ...figuresOf(rounds), ...(await memory(engine)) };
    } finally {
      await engine.stop();
    }
  },
};

interface Round {
  readonly ours: Effort;
  readonly bare: Effort;
}

/** By turns, so that a busy machine slows both. */
async function contest(engine: RunningEngine): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await measure(() => bareLoop(engine, REQUESTS_A_ROUND));
    const ours = await measure(() => runAgentOnce({ engine, ...A_ROUND }));
    if (round > 0) rounds.push({ ours, bare });
    process.stderr.write(`${round === 0 ? 'warm-up' : `round ${round}`}: ${describe({ ours, bare })}\n`);
  }
  return rounds;
}

const perSecond = ({ tookMs }: Effort): number => Math.round((REQUESTS_A_ROUND / tookMs) * 1000);
const cpuUs = ({ cpuMs }: Effort): number => Math.round((cpuMs / REQUESTS_A_ROUND) * 1000);
/** Where neither side comes near to 100, the throughput is the engine's, which has a process of its own. */
const corePercent = ({ cpuMs, tookMs }: Effort): number => Math.round((cpuMs / tookMs) * 100);
const perCpuSecond = ({ cpuMs }: Effort): number => Math.round((REQUESTS_A_ROUND / cpuMs) * 1000);

const describe = ({ ours, bare }: Round): string =>
  `${perSecond(ours)} of ${perSecond(bare)} requests/s, ${cpuUs(ours)} to ${cpuUs(bare)} us CPU, ` +
  `${corePercent(ours)}% to ${corePercent(bare)}% of a core, lag ${ours.lagP99Ms.toFixed(1)} ms`;

function figuresOf(rounds: readonly Round[]): Readonly<Record<string, Figure>> {
  const median = (of: (round: Round) => number): number =>
    rounds.map(of).toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? Number.NaN;
  const both = (of: (effort: Effort) => number, unit: string): Figure =>
    withBaseline(
      median(({ ours }) => of(ours)),
      median(({ bare }) => of(bare)),
      unit,
    );
  return {
    throughput: both(perSecond, 'requests/s'),
    cpu_per_request: both(cpuUs, 'us'),
    throughput_per_cpu: both(perCpuSecond, 'requests/s of CPU'),
    cpu_share: both(corePercent, '% of a core'),
    event_loop_lag_p99: { value: Number(median(({ ours }) => ours.lagP99Ms).toFixed(1)), unit: 'ms' },
  };
}

/** One agent over 100,000 lines: what it keeps after the last of them, against what it keeps after the first Shard. */
async function memory(engine: RunningEngine): Promise<Readonly<Record<string, Figure>>> {
  const retained: number[] = [];
  const onSettled = (lines: number): void => {
    const settled = lines / FOR_MEMORY.linesPerShard;
    if (settled < 2 || settled === FOR_MEMORY.shards) retained.push(retainedMib());
  };
  await runAgentOnce({ engine, ...FOR_MEMORY, onSettled });
  const [first = Number.NaN, last = Number.NaN] = retained;
  return { memory_100000_lines: withBaseline(Math.round(last), Math.round(first), 'MiB') };
}
