import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningEngine } from '../../gpu-task/engines/engine.ts';
import { cpuEngine } from './cpu-engine.ts';
import { startVllm, watchedAgent } from './watched-agent.ts';

// Each vLLM runs 8 Requests at once, and for each test an agent may send it 64.
const MAX_RUNNING = 8;
const CONCURRENCY = 64;
/** What runs, what may wait, and what was sent or answered since vLLM was asked. */
const FEW = CONCURRENCY / 2;
/** Waiting Requests that the agent leaves alone at most, see core/agent/admission-control.ts. */
const BACKLOG = 16;
/** What waits must end first, and vLLM's server may lag behind its engine where both share few cores. */
const WITH_A_SLOW_SERVER_MS = 900_000;
/** Of 128 tokens: one Request of the whole context fits, and eight that need two blocks each do not. */
const FEW_KV_BLOCKS = 10;

const configOf = (maxRunning: number) => cpuEngine({ args: ['--max-num-seqs', String(maxRunning)] });

/** Starts a vLLM for the tests of a suite; gives agents whose catalogue says that it runs so many at once. */
function vllmWith(...args: string[]) {
  let vllm: RunningEngine;
  beforeAll(async () => {
    vllm = await startVllm(cpuEngine({ args: ['--max-num-seqs', String(MAX_RUNNING), ...args] }));
  });
  afterAll(() => vllm?.stop());
  return (maxRunning: number) =>
    watchedAgent({ vllm, config: configOf(maxRunning), concurrency: CONCURRENCY });
}

describe('on a vLLM whose KV cache has room for all that it runs', () => {
  const agentAt = vllmWith();

  it('sends vLLM a little more than it runs, of all that the Fleet would let it send', async () => {
    const agent = await agentAt(MAX_RUNNING);
    const [first, ...looks] = await agent.next(6);
    expect(first?.inFlight).toBeLessThanOrEqual(Math.ceil(MAX_RUNNING * 1.25));
    for (const { running, inFlight } of looks) {
      expect(running).toBeLessThanOrEqual(MAX_RUNNING);
      expect(inFlight).toBeGreaterThan(MAX_RUNNING / 2);
      expect(inFlight).toBeLessThanOrEqual(FEW);
    }
  });

  it('sends more where nothing waits in vLLM, beyond what the catalogue says that it runs', async () => {
    const agent = await agentAt(MAX_RUNNING / 2);
    const [first] = await agent.next(1);
    expect(first?.inFlight).toBeLessThan(MAX_RUNNING);
    await agent.until(({ running, inFlight }) => running === MAX_RUNNING && inFlight >= MAX_RUNNING);
  });

  it(
    'sends far fewer where more wait in vLLM than keep it busy, and still keeps it full',
    async () => {
      const agent = await agentAt(CONCURRENCY / 2);
      const crowded = await agent.until(({ waiting }) => waiting > BACKLOG);
      expect(crowded.inFlight).toBeGreaterThan(FEW);
      await agent.until(
        ({ inFlight, running }) => inFlight <= MAX_RUNNING + BACKLOG && running === MAX_RUNNING,
      );
      for (const { now } of agent.cuts) expect(now).toBeGreaterThan(MAX_RUNNING);
    },
    WITH_A_SLOW_SERVER_MS,
  );
});

describe('on a vLLM whose KV cache is too small for what it runs', () => {
  const agentAt = vllmWith('--num-gpu-blocks-override', String(FEW_KV_BLOCKS));

  it('sends fewer once vLLM has preempted', async () => {
    const agent = await agentAt(MAX_RUNNING);
    const [first] = await agent.next(1);
    const seen = first?.preemptions ?? 0;
    const preempted = await agent.until(({ preemptions }) => preemptions > seen);
    // So few that none is held back because too many wait.
    expect(preempted.inFlight).toBeLessThanOrEqual(BACKLOG);
    // The agent has concluded from a look by the next one.
    await agent.next(1);
    const [{ before, now } = { before: 0, now: 0 }] = agent.cuts;
    expect(before).toBeGreaterThanOrEqual(MAX_RUNNING);
    expect(now).toBeLessThan(before);
    await agent.until(({ inFlight }) => inFlight <= now);
  });
});
