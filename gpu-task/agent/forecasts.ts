import { type FinishedRequest, type Forecast, learn, priorForecast } from '../../core/agent/forecast.ts';
import type { LeasedShard } from './lease-shard.ts';

/** What is expected of the Requests of one Batch. */
export interface BatchForecast {
  now(): Forecast;
  learn(finished: FinishedRequest): void;
}

/** Forecasts by Batch: the next Shard of a Batch goes on from what the last one showed. */
export function forecasts(): (leased: LeasedShard) => BatchForecast {
  const byBatch = new Map<string, BatchForecast>();
  return (leased) => {
    const { batchId } = leased.started.shard;
    const known = byBatch.get(batchId) ?? startingFrom(priorOf(leased));
    byBatch.set(batchId, known);
    return known;
  };
}

function startingFrom(prior: Forecast): BatchForecast {
  let forecast = prior;
  return {
    now: () => forecast,
    learn(finished) {
      forecast = learn(forecast, finished);
    },
  };
}

function priorOf({ lines, started }: LeasedShard): Forecast {
  const bodyBytes = lines.reduce((sum, { body }) => sum + body.length, 0);
  return priorForecast({ lines: lines.length, estimatedTokens: started.shard.estimatedTokens, bodyBytes });
}
