import { expect, it } from 'vitest';
import { STALL_AFTER_MS } from '../../core/agent/stall.ts';
import { agentRig } from './agent-rig.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `line-${i}`);

interface Shown {
  running: number;
  waiting: number;
  kvUsage: number;
  preemptions: number;
  tokens: number;
  kvTokens: number;
}

const textOf = ({ running, waiting, kvUsage, preemptions, tokens, kvTokens }: Shown): string =>
  [
    `vllm:num_requests_running{engine="0"} ${running}`,
    `vllm:num_requests_waiting{engine="0"} ${waiting}`,
    `vllm:kv_cache_usage_perc{engine="0"} ${kvUsage}`,
    `vllm:num_preemptions_total{engine="0"} ${preemptions}`,
    `vllm:prompt_tokens_total{engine="0"} ${tokens}`,
    `vllm:generation_tokens_total{engine="0"} 0`,
    ...(kvTokens > 0 ? [`vllm:cache_config_info{kv_cache_size_tokens="${kvTokens}"} 1.0`] : []),
  ].join('\n');

/** An agent on an engine that runs eight at once and computes a token a look, as long as nobody changes `shown`. */
async function running(changes: Parameters<typeof agentRig>[0] = {}, first: Partial<Shown> = {}) {
  const rig = agentRig({ concurrency: 100, ...changes });
  const shown: Shown = {
    running: 8,
    waiting: 2,
    kvUsage: 0.5,
    preemptions: 0,
    tokens: 0,
    kvTokens: 0,
    ...first,
  };
  const progress = { on: true };
  rig.engine.showMetrics(() => {
    if (progress.on) shown.tokens++;
    return textOf(shown);
  });
  await rig.enrol(names(60));
  await rig.dispatch();
  const exit = rig.start();
  await rig.time.settle();
  return { rig, shown, progress, exit };
}

it('begins with a little more than the engine runs at once', async () => {
  const { rig } = await running();
  expect(rig.engine.held).toHaveLength(10);
});

it('sends more while nothing waits, up to the concurrency of the Fleet', async () => {
  const { rig, shown } = await running({ concurrency: 14 });
  Object.assign(shown, { running: 10, waiting: 0 });
  await rig.time.advance(1600);
  expect(rig.engine.held).toHaveLength(11);
  await rig.time.advance(20_000);
  expect(rig.engine.held).toHaveLength(14);
});

it('lets fewer run after a preemption', async () => {
  const { rig, shown } = await running();
  shown.preemptions = 1;
  await rig.time.advance(1600);
  for (const request of rig.engine.held.slice(0, 5)) request.answer();
  await rig.time.settle();
  expect(rig.engine.held).toHaveLength(8);
});

it('sends no more tokens than the cache holds, by what the Batch has shown', async () => {
  // By its bytes a line has about 20 tokens, in and out; the engine counts twelve, and the cache has room for five.
  const { rig } = await running({}, { kvTokens: 60 });
  rig.engine.answerAll();
  await rig.time.settle();
  const inFlight = rig.engine.held.length;
  expect(inFlight).toBeGreaterThan(0);
  expect(inFlight).toBeLessThan(8);
});

it('keeps to its ceiling where the engine shows no metrics', async () => {
  const rig = agentRig({ concurrency: 30 });
  await rig.enrol(names(60));
  await rig.dispatch();
  void rig.start();
  await rig.time.settle();
  expect(rig.engine.held).toHaveLength(30);
});

it('goes on where the metrics cannot be read for a while', async () => {
  const { rig, shown } = await running();
  rig.engine.showMetrics(() => {
    throw new Error('socket hang up');
  });
  await rig.time.advance(30_000);
  expect(rig.engine.held).toHaveLength(10);
  rig.engine.showMetrics(() => textOf({ ...shown, running: 10, waiting: 0, tokens: shown.tokens + 9 }));
  await rig.time.advance(1600);
  expect(rig.engine.held).toHaveLength(11);
});

it('kills an engine that computes nothing any more, and runs its lines on the next', async () => {
  const { rig, progress } = await running();
  await rig.time.advance(STALL_AFTER_MS * 2);
  expect(rig.engine.starts()).toBe(1);
  progress.on = false;
  await rig.time.advance(STALL_AFTER_MS + 2000);
  expect(rig.engine.starts()).toBe(2);
  expect(rig.reports.waiting().at(-1)?.deaths).toEqual([{ fence: 1, engineStart: 1 }]);
  expect(rig.engine.held.every(({ engineStart }) => engineStart === 2)).toBe(true);
  expect(rig.engine.held).toHaveLength(10);
});

it('does not take an engine with nothing in flight for stalled', async () => {
  const rig = agentRig({ idleExitMs: 1_000_000 });
  rig.engine.showMetrics(() =>
    textOf({ running: 8, waiting: 0, kvUsage: 0, preemptions: 0, tokens: 5, kvTokens: 0 }),
  );
  void rig.start();
  await rig.time.advance(STALL_AFTER_MS * 3);
  expect(rig.engine.starts()).toBe(1);
});

it('leaves an engine that is not ours to the timeout of its Requests', async () => {
  const { rig, progress } = await running({
    engine: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' },
    request: { timeoutMs: 200_000, maxTries: 3 },
  });
  progress.on = false;
  await rig.time.advance(STALL_AFTER_MS + 5000);
  expect(rig.engine.starts()).toBe(1);
  expect(rig.engine.held.length).toBeGreaterThan(0);
  expect(rig.reports.waiting().at(-1)?.deaths).toEqual([]);
});
