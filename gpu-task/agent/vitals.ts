import type { EngineMetrics } from '../../core/agent/engine-metrics.ts';
import type { Gpu } from '../../core/agent/gpu-reading.ts';
import type { MetricName } from '../../core/metrics.ts';
import type { AgentDeps } from './deps.ts';
import type { Tally } from './tally.ts';

export interface VitalsSources {
  readonly tally: Tally;
  /** As the engine showed them last; null while there is none, or where it has none. */
  readonly engine: () => EngineMetrics | null;
  readonly gpus: () => readonly Gpu[];
}

/** The agent's own metrics. */
export interface Vitals {
  emit(): void;
  /** Emits every minute until `over` aborts. */
  follow(over: AbortSignal): Promise<void>;
}

type Values = Partial<Record<MetricName, number>>;
type VitalsDeps = Pick<AgentDeps, 'fleet' | 'capacity' | 'metrics' | 'eventLoop' | 'time'>;

/** CloudWatch keeps custom metrics by the minute. */
const EMIT_EVERY_MS = 60_000;

/** Gathers what the agent knows of its GPUs, its engine and itself; what is not known is left out. */
export function vitals(deps: VitalsDeps, { tally, engine, gpus }: VitalsSources): Vitals {
  const { fleet, capacity, metrics, eventLoop, time } = deps;
  let before: EngineMetrics | null = null;

  function emit(): void {
    const now = engine();
    const values: Values = {
      ...tally.take(),
      EventLoopLag: eventLoop.takeP99Ms(),
      ...gpuValues(gpus()),
      ...(now === null ? {} : engineValues(now, before)),
    };
    before = now;
    metrics.emit(values, { fleet: fleet.id, capacity });
  }

  return {
    emit,
    async follow(over) {
      for (;;) {
        await time.sleep(EMIT_EVERY_MS, over);
        if (over.aborted) return;
        emit();
      }
    },
  };
}

/** The hottest and the fullest GPU of the Task; use over all of them. */
function gpuValues(gpus: readonly Gpu[]): Values {
  const known = (of: (gpu: Gpu) => number | null): readonly number[] => gpus.flatMap((gpu) => of(gpu) ?? []);
  const used = known(({ memoryUsedMib, memoryTotalMib }) =>
    memoryUsedMib === null || memoryTotalMib === null ? null : (100 * memoryUsedMib) / memoryTotalMib,
  );
  const temperatures = known(({ temperatureC }) => temperatureC);
  const utilizations = known(({ utilizationPercent }) => utilizationPercent);
  const watts = known(({ powerWatts }) => powerWatts);
  return {
    ...(used.length > 0 ? { GpuMemoryUsed: Math.max(...used) } : {}),
    ...(temperatures.length > 0 ? { GpuTemperature: Math.max(...temperatures) } : {}),
    ...(utilizations.length > 0 ? { GpuUtilization: sum(utilizations) / utilizations.length } : {}),
    ...(watts.length > 0 ? { GpuPower: sum(watts) } : {}),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function engineValues(now: EngineMetrics, before: EngineMetrics | null): Values {
  const since = (of: (metrics: EngineMetrics) => number): number => {
    const [newer, older] = [of(now), before === null ? 0 : of(before)];
    // An engine that was started anew counts from 0.
    return newer >= older ? newer - older : newer;
  };
  const queries = since(({ prefixQueries }) => prefixQueries);
  const hits = since(({ prefixHits }) => prefixHits);
  return {
    RequestsRunning: now.running,
    RequestsWaiting: now.waiting,
    KvCacheUsage: 100 * now.kvUsage,
    Preemptions: since(({ preemptions }) => preemptions),
    ...(queries > 0 ? { PrefixCacheHitRate: (100 * hits) / queries } : {}),
  };
}
