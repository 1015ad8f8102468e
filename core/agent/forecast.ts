/** What the Requests of a Batch are expected to cost, learned from those that are finished. */
export interface Forecast {
  /** Of the body. */
  readonly inputTokensPerByte: number;
  readonly outputTokens: number;
  /** About the shortest time that one has taken lately; null before the first. */
  readonly quickestMs: number | null;
}

export interface FinishedRequest {
  readonly bodyBytes: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly tookMs: number;
}

/** English text and JSON, until the engine has counted. */
const PRIOR_TOKENS_PER_BYTE = 0.25;
/** A dozen finished Requests outweigh the prior. */
const WEIGHT = 1 / 16;
/** The shortest time is forgotten slowly: engines that fill up get slower. */
const FORGET = 1 / 64;

/** The prior: intake's estimate of the Shard, which holds the bounds that its bodies set. */
export function priorForecast(shard: {
  readonly lines: number;
  readonly estimatedTokens: number;
  readonly bodyBytes: number;
}): Forecast {
  const inputTokens = shard.bodyBytes * PRIOR_TOKENS_PER_BYTE;
  return {
    inputTokensPerByte: PRIOR_TOKENS_PER_BYTE,
    outputTokens: Math.max(0, shard.estimatedTokens - inputTokens) / Math.max(1, shard.lines),
    quickestMs: null,
  };
}

export function learn(forecast: Forecast, finished: FinishedRequest): Forecast {
  const { bodyBytes, inputTokens, outputTokens, tookMs } = finished;
  const { quickestMs } = forecast;
  // Some engines do not count.
  const counted = inputTokens > 0;
  return {
    inputTokensPerByte: counted
      ? towards(forecast.inputTokensPerByte, inputTokens / Math.max(1, bodyBytes), WEIGHT)
      : forecast.inputTokensPerByte,
    outputTokens: counted ? towards(forecast.outputTokens, outputTokens, WEIGHT) : forecast.outputTokens,
    quickestMs: quickestMs === null || tookMs < quickestMs ? tookMs : towards(quickestMs, tookMs, FORGET),
  };
}

/** Tokens in and out that a Request will hold in the engine's cache at its end; no more than the context. */
export function expectedTokens(forecast: Forecast, bodyBytes: number, contextTokens: number): number {
  return Math.min(contextTokens, bodyBytes * forecast.inputTokensPerByte + forecast.outputTokens);
}

/** Half: to take back a Request that would have finished costs all of it, to let one run on costs little. */
const QUICKER = 0.5;

/** Whether a Request cannot end in time even if it is twice as quick as the quickest of its Batch lately. */
export function isHopeless(
  { quickestMs }: Forecast,
  { sentAtMs, untilMs }: { readonly sentAtMs: number; readonly untilMs: number },
): boolean {
  return quickestMs !== null && sentAtMs + quickestMs * QUICKER > untilMs;
}

const towards = (from: number, to: number, weight: number): number => from + (to - from) * weight;
