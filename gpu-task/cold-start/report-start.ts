import { coldStartMetrics, coldStartPhases, enginePhases } from '../../core/agent/cold-start.ts';
import type { AgentDeps } from '../agent/deps.ts';
import type { RunningEngine } from '../engines/engine.ts';

type ReportDeps = Pick<AgentDeps, 'fleet' | 'capacity' | 'taskStart' | 'metrics' | 'log'>;

/** Says that an engine is ready and how long each phase took; of the Task's first start also as metrics. */
export function reportStart(deps: ReportDeps, { engineStart, coldStart }: RunningEngine): void {
  const { fleet, capacity, taskStart, metrics, log } = deps;
  if (coldStart === undefined) {
    log.info('The engine is ready.', { engineStart });
    return;
  }
  const isFirst = engineStart === 1;
  const phases = isFirst ? coldStartPhases(taskStart, coldStart) : enginePhases(coldStart);
  log.info('The engine is ready.', { engineStart, ...phases });
  if (isFirst) metrics.emit(coldStartMetrics(phases), { fleet: fleet.id, capacity });
}
