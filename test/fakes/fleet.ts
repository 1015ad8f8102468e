import { type Fleet, fleetSchema } from '../../core/fleet/catalogue.ts';

/** A Fleet as the catalogue would have it, of one Task with a simulated engine; `over` is checked like the rest. */
export const sampleFleet = (over: Partial<Record<keyof Fleet, unknown>> = {}): Fleet =>
  fleetSchema.parse({
    id: 'tiny',
    model: 'tiny-model',
    endpoints: ['/v1/chat/completions'],
    gpuClass: 'gpu',
    gpusPerTask: 1,
    engine: { kind: 'simulated', tokensPerSecond: 1000, firstTokenMs: 1, startMs: 1, maxRunning: 8 },
    contextTokens: 8192,
    tokensPerSecond: 1000,
    startMs: 60_000,
    maxTasks: { spot: 1, onDemand: 1 },
    targetDrainMs: 3_600_000,
    shard: { targetMs: 600_000, maxLines: 8192 },
    leaseMs: 60_000,
    dispatchMinAgeMs: 300_000,
    checkpoint: { everyMs: 15_000, maxBytes: 8_388_608, maxResults: 500 },
    concurrency: 4,
    request: { timeoutMs: 60_000, maxTries: 3 },
    idleExitMs: 300_000,
    maxLifeMs: 3_600_000,
    ...over,
  });
