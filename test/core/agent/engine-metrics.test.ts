import { expect, it } from 'vitest';
import { maxRunningOf } from '../../../core/agent/engine-limits.ts';
import { parseEngineMetrics } from '../../../core/agent/engine-metrics.ts';

/** As vLLM 0.32 prints it, but for what is not asked for here. */
const VLLM = `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 12.0
vllm:num_requests_waiting{engine="0",model_name="m"} 3.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="m",reason="capacity"} 99.0
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
vllm:num_preemptions_total{engine="0",model_name="m"} 4.0
vllm:num_preemptions_created{engine="0",model_name="m"} 1.79e+09
vllm:prompt_tokens_total{engine="0",model_name="a \\"b\\" {c}"} 1.5e+06
vllm:generation_tokens_total{engine="0",model_name="m"} 2048.0
vllm:prefix_cache_queries_total{engine="0",model_name="m"} 800.0
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 320.0
vllm:cache_config_info{block_size="16",cache_dtype="auto",num_gpu_blocks="573",num_gpu_blocks_override="None"} 1.0
python_gc_objects_collected_total{generation="0"} 9.0
`;

it("reads vLLM's own view of its load", () => {
  expect(parseEngineMetrics(VLLM)).toEqual({
    ...{ running: 12, waiting: 3, kvUsage: 0.25, preemptions: 4 },
    ...{ promptTokens: 1_500_000, generationTokens: 2048, kvTokens: 573 * 16 },
    ...{ prefixQueries: 800, prefixHits: 320 },
  });
});

it('adds the engines of one server up, and takes the fullest cache', () => {
  const second = VLLM.replaceAll('engine="0"', 'engine="1"').replace('"m"} 0.25', '"m"} 0.75');
  const both = parseEngineMetrics(VLLM + second);
  expect(both).toMatchObject({ running: 24, waiting: 6, kvUsage: 0.75, kvTokens: 2 * 573 * 16 });
});

it.each([
  ['kv_cache_size_tokens="1000",num_gpu_blocks="3",block_size="16"', 1000],
  ['num_gpu_blocks="None",block_size="16"', null],
  ['block_size="16"', null],
])('knows the size of a cache with %s: %s tokens', (labels, kvTokens) => {
  const text = `vllm:num_requests_running 1\nvllm:cache_config_info{${labels}} 1.0\n`;
  expect(parseEngineMetrics(text)?.kvTokens).toBe(kvTokens);
});

it.each(['', '<html>', 'process_cpu_seconds_total 5', 'vllm:num_requests_running{'])(
  'takes %j for no metrics',
  (text) => {
    expect(parseEngineMetrics(text)).toBeNull();
  },
);

it('finds in its configuration how much an engine runs at once', () => {
  const vllm = { kind: 'vllm', command: ['vllm'], model: 'm', startTimeoutMs: 1 } as const;
  const timing = { tokensPerSecond: 1, firstTokenMs: 1, startMs: 1 };
  expect(maxRunningOf({ ...vllm, command: ['vllm'], args: ['--max-num-seqs', '512', '--x'] })).toBe(512);
  expect(maxRunningOf({ ...vllm, command: ['vllm'], args: ['--y', '--max-num-seqs=64'] })).toBe(64);
  expect(maxRunningOf({ ...vllm, command: ['vllm'], args: ['--max-num-seqs'] })).toBeNull();
  expect(maxRunningOf({ ...vllm, command: ['vllm'], args: [] })).toBeNull();
  expect(maxRunningOf({ kind: 'simulated', maxRunning: 8, ...timing })).toBe(8);
  expect(maxRunningOf({ kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' })).toBeNull();
});
