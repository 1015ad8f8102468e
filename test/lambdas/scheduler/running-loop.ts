import { DEFINITION_VERSION } from '../../../core/batch/batch.ts';
import type { BatchId, FleetId, TenantId } from '../../../core/ids.ts';
import { recordKeys } from '../../../core/keys.ts';
import type { MetricDimensions, Metrics, MetricValues } from '../../../core/metrics.ts';
import { newShard } from '../../../core/protocol/shard.ts';
import { startLoop } from '../../../core/protocol/start-execution.ts';
import { put } from '../../../core/records.ts';
import type { Log } from '../../../lambdas/log.ts';
import { actScheduler } from '../../../lambdas/scheduler-act/handler.ts';
import { planScheduler } from '../../../lambdas/scheduler-plan/handler.ts';
import { readConfig } from '../../../lib/config.ts';
import { memoryDispatches } from '../../fakes/dispatches.ts';
import { memoryExecutions } from '../../fakes/executions.ts';
import { memoryFleetTasks } from '../../fakes/fleet-tasks.ts';
import { memoryRecords } from '../../fakes/records.ts';
import { CONFIG } from '../../lib/synthesized.ts';

export const tenant = 'acme' as TenantId;
export const batchId = 'batch_1' as BatchId;
export const fleetId = 'qwen3-8b' as FleetId;
export const { fleets, gpuClasses } = readConfig(CONFIG, 'dev').catalogue;

/** A loop in its first generation, with one enrolled Batch of some hours of work. */
export async function running({ shards = 12, paused = false } = {}) {
  let nowMs = 1_000_000;
  const records = memoryRecords();
  const executions = memoryExecutions();
  const dispatches = memoryDispatches();
  const clock = { nowMs: () => nowMs };
  const tasks = memoryFleetTasks(clock.nowMs);
  const ports = { records, executions, clock };
  await records.change(recordKeys.batch(tenant, batchId), () =>
    put(
      {
        tenant,
        id: batchId,
        deadlineMs: nowMs + 86_400_000,
        createdAtMs: nowMs,
        paused,
        phase: { kind: 'enrolled' },
      } as never,
      undefined,
    ),
  );
  await records.change(recordKeys.fleetBatch(fleetId, tenant, batchId), () =>
    put({ tenant, batchId, fleetId }, undefined),
  );
  for (let number = 0; number < shards; number++) {
    const shard = newShard(
      { tenant, batchId, number },
      { objectKey: 'o', endpoint: '/v1/chat/completions', model: 'm', lines: 8, estimatedTokens: 900_000 },
    );
    await records.change(recordKeys.shard(shard), () => put(shard, undefined));
  }
  await startLoop(ports, fleetId, 0);
  const input = { fleetId, generation: 1, definitionVersion: DEFINITION_VERSION };
  const emitted: { readonly values: MetricValues; readonly dimensions: MetricDimensions | undefined }[] = [];
  const metrics: Metrics = { emit: (values, dimensions) => void emitted.push({ values, dimensions }) };
  const warnings: Parameters<Log>[] = [];
  const warn: Log = (...line) => void warnings.push(line);
  const quiet = { warn: () => undefined, log: () => undefined };
  const waitsMs = [300_000, 60_000, 15_000] as const;
  const deps = { ...ports, ...quiet, metrics, tasks, dispatches, fleets, gpuClasses, waitsMs };
  return {
    ...deps,
    ports,
    input,
    emitted,
    warnings,
    advance: (ms: number) => {
      nowMs += ms;
    },
    plan: (iteration = 0) => planScheduler({ ...deps, warn })({ ...input, iteration }),
    act: actScheduler(deps),
  };
}
