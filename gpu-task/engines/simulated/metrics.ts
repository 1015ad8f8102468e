import type { TokenClockLoad } from './token-clock.ts';

/** Counters since the start of the engine. */
export interface EngineCounters {
  promptTokens: number;
  generationTokens: number;
  readonly finished: Map<string, number>;
}

export const newCounters = (): EngineCounters => ({
  promptTokens: 0,
  generationTokens: 0,
  finished: new Map(),
});

/** Prometheus text with the names that vLLM uses. */
export function metricsText(
  model: string,
  counters: EngineCounters,
  load: TokenClockLoad,
  maxRunning: number,
): string {
  const labels = `model_name=${JSON.stringify(model)}`;
  const metric = (type: 'gauge' | 'counter', name: string, value: number, more = ''): string =>
    `# TYPE vllm:${name} ${type}\nvllm:${name}{${labels}${more}} ${value}`;
  const finished = [...counters.finished].map(([reason, count]) =>
    metric('counter', 'request_success_total', count, `,finished_reason="${reason}"`),
  );
  return [
    metric('gauge', 'num_requests_running', load.running),
    metric('gauge', 'num_requests_waiting', load.waiting),
    metric('gauge', 'kv_cache_usage_perc', Math.min(1, load.running / maxRunning)),
    metric('counter', 'num_preemptions_total', 0),
    metric('counter', 'prefix_cache_queries_total', 0),
    metric('counter', 'prefix_cache_hits_total', 0),
    metric('counter', 'prompt_tokens_total', counters.promptTokens),
    metric('counter', 'generation_tokens_total', counters.generationTokens),
    ...finished,
    '',
  ].join('\n');
}
