/** An engine's own view of its load; counters run since its start. */
export interface EngineMetrics {
  readonly running: number;
  readonly waiting: number;
  /** 0 to 1. */
  readonly kvUsage: number;
  readonly preemptions: number;
  readonly promptTokens: number;
  readonly generationTokens: number;
  /** Prompt tokens that were looked up in the cache, and those found there. */
  readonly prefixQueries: number;
  readonly prefixHits: number;
  /** Tokens that the KV cache holds; null where the engine does not say. */
  readonly kvTokens: number | null;
}

interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

/** `name{labels} value`, as in the Prometheus text format; a timestamp behind it is allowed. */
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$/;

/**
 * Reads what vLLM's `/metrics` says (vLLM docs, production metrics). Engines of one server (data parallel) are added
 * up, but for the fullest cache. Null where the text does not hold vLLM's gauges.
 */
export function parseEngineMetrics(text: string): EngineMetrics | null {
  const samples = text.split('\n').flatMap(toSample);
  const of = (name: string): readonly number[] =>
    samples.flatMap((sample) => (sample.name === `vllm:${name}` ? [sample.value] : []));
  const sum = (name: string): number => of(name).reduce((total, value) => total + value, 0);
  if (of('num_requests_running').length === 0) return null;
  return {
    running: sum('num_requests_running'),
    waiting: sum('num_requests_waiting'),
    kvUsage: Math.max(0, ...of('kv_cache_usage_perc'), ...of('gpu_cache_usage_perc')),
    preemptions: sum('num_preemptions_total'),
    promptTokens: sum('prompt_tokens_total'),
    generationTokens: sum('generation_tokens_total'),
    prefixQueries: sum('prefix_cache_queries_total'),
    prefixHits: sum('prefix_cache_hits_total'),
    kvTokens: kvTokensOf(samples.filter(({ name }) => name === 'vllm:cache_config_info')),
  };
}

function toSample(line: string): readonly Sample[] {
  if (!line.startsWith('vllm:')) return [];
  const [, name = '', labels = '', number = ''] = SAMPLE.exec(line.trimEnd()) ?? [];
  const value = Number(number);
  return name === '' || !Number.isFinite(value) ? [] : [{ name, labels, value }];
}

/** Newer servers say it in tokens; others in blocks, or `None` until they know. */
function kvTokensOf(infos: readonly Sample[]): number | null {
  const tokens = infos.map(({ labels }) => {
    const stated = labelNumber(labels, 'kv_cache_size_tokens');
    return stated ?? (labelNumber(labels, 'num_gpu_blocks') ?? 0) * (labelNumber(labels, 'block_size') ?? 0);
  });
  const total = tokens.reduce((sum, each) => sum + each, 0);
  return total > 0 ? total : null;
}

function labelNumber(labels: string, name: string): number | null {
  const digits = new RegExp(`(?:^|,)${name}="(\\d+)"`).exec(labels)?.[1];
  return digits === undefined ? null : Number(digits);
}
