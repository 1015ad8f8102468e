import { expect, it } from 'vitest';
import { EXIT_CODES } from '../../core/agent/exit-code.ts';
import type { MetricDimensions } from '../../core/metrics.ts';
import { agentRig } from './agent-rig.ts';
import { chatAnswer, jsonAnswer } from './fake-engine.ts';
import { fakeGpus } from './fake-gpus.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `line-${i}`);

interface Shown {
  readonly preemptions: number;
  readonly queries: number;
  readonly hits: number;
}

const textOf = ({ preemptions, queries, hits }: Shown): string =>
  [
    'vllm:num_requests_running 3',
    'vllm:num_requests_waiting 1',
    'vllm:kv_cache_usage_perc 0.25',
    `vllm:num_preemptions_total ${preemptions}`,
    `vllm:prefix_cache_queries_total ${queries}`,
    `vllm:prefix_cache_hits_total ${hits}`,
  ].join('\n');

/** An agent with a Shard of eight lines, and what it emits. */
async function running() {
  const rig = agentRig();
  const gpus = fakeGpus();
  const emitted: Readonly<Record<string, number>>[] = [];
  const dimensions: (MetricDimensions | undefined)[] = [];
  const metrics = {
    emit(values: Readonly<Record<string, number>>, of?: MetricDimensions) {
      emitted.push(values);
      dimensions.push(of);
    },
  };
  await rig.enrol(names(8));
  await rig.dispatch();
  const exit = rig.start({ gpus: gpus.probe, metrics, eventLoop: { takeP99Ms: () => 7 } });
  await rig.time.settle();
  return { rig, gpus, exit, emitted, dimensions, last: () => emitted.at(-1) };
}

it('says each minute what was finished, for its Fleet and its purchase option', async () => {
  const { rig, emitted, dimensions } = await running();
  rig.engine.respondWith(() => chatAnswer());
  rig.engine.held[0]?.answer(jsonAnswer(500, {}));
  rig.engine.answerAll();
  await rig.time.advance(60_000);
  expect(dimensions).toEqual([{ fleet: 'tiny', capacity: 'spot' }]);
  expect(emitted[0]).toMatchObject({ RequestsFinished: 8, TokensIn: 56, TokensOut: 40, RequestsRetried: 1 });
  expect(emitted[0]).toMatchObject({
    EngineDeaths: 0,
    GpuErrors: 0,
    InterruptionNotices: 0,
    EventLoopLag: 7,
  });
  expect(emitted[0]?.['SegmentsStored']).toBeGreaterThan(0);
  await rig.time.advance(60_000);
  expect(emitted[1]).toMatchObject({ RequestsFinished: 0, TokensIn: 0, SegmentsStored: 0 });
});

it('shows the GPUs: the fullest and the hottest, and nothing where there is none', async () => {
  const { rig, gpus, last } = await running();
  gpus.showGpu({ memoryUsedMib: 100, memoryTotalMib: 400, temperatureC: 91, powerWatts: null });
  await rig.time.advance(60_000);
  expect(last()).toMatchObject({ GpuMemoryUsed: 25, GpuTemperature: 91, GpuUtilization: 98 });
  expect(last()).not.toHaveProperty('GpuPower');
  gpus.show({ kind: 'absent' });
  await rig.time.advance(60_000);
  expect(last()).not.toHaveProperty('GpuTemperature');
});

it("shows the engine's own signals, counters as they rose since the last time", async () => {
  const rig = agentRig({ idleExitMs: 1_000_000 });
  const emitted: Readonly<Record<string, number>>[] = [];
  let shown: Shown = { preemptions: 2, queries: 100, hits: 40 };
  rig.engine.showMetrics(() => textOf(shown));
  void rig.start({ metrics: { emit: (values) => void emitted.push(values) } });
  await rig.time.advance(60_000);
  expect(emitted.at(-1)).toMatchObject({
    ...{ RequestsRunning: 3, RequestsWaiting: 1, KvCacheUsage: 25 },
    ...{ Preemptions: 2, PrefixCacheHitRate: 40 },
  });
  shown = { preemptions: 3, queries: 200, hits: 130 };
  await rig.time.advance(60_000);
  expect(emitted.at(-1)).toMatchObject({ Preemptions: 1, PrefixCacheHitRate: 90 });
  // An engine that was started anew.
  shown = { preemptions: 1, queries: 0, hits: 0 };
  await rig.time.advance(60_000);
  expect(emitted.at(-1)).toMatchObject({ Preemptions: 1 });
  expect(emitted.at(-1)).not.toHaveProperty('PrefixCacheHitRate');
});

it('says at once that a notice came, and at its end what else there was', async () => {
  const { rig, exit, emitted } = await running();
  rig.engine.die();
  await rig.time.settle();
  rig.stop({ kind: 'interruption', atMs: rig.time.nowMs(), takenAtMs: rig.time.nowMs() + 60_000 });
  await rig.time.settle();
  expect(emitted).toMatchObject([{ InterruptionNotices: 1, EngineDeaths: 1 }]);
  rig.engine.answerAll();
  await exit;
  expect(emitted).toHaveLength(2);
  expect(emitted[1]).toMatchObject({ InterruptionNotices: 0, EngineDeaths: 0, RequestsFinished: 4 });
});

it('counts a GPU that errs, once', async () => {
  const { rig, gpus, exit, emitted } = await running();
  gpus.showGpu({ uncorrectedErrors: 5 });
  await rig.time.advance(20_000);
  expect(await exit).toBe(EXIT_CODES.gpuFailed);
  expect(emitted.map(({ GpuErrors }) => GpuErrors)).toEqual([1]);
});
