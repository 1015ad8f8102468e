import type { TaskStart } from '../../core/agent/cold-start.ts';
import type { GpuProbe } from '../../core/agent/gpu-reading.ts';
import type { AgentTime, EngineClient, EventLoopDelay, Hints } from '../../core/agent/ports.ts';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import type { Capacity } from '../../core/fleet/task.ts';
import type { Metrics } from '../../core/metrics.ts';
import type { Objects, Records, Reports } from '../../core/ports.ts';
import type { Engine, EngineAddress } from '../engines/engine.ts';
import type { AdapterFiles } from './adapter-files.ts';
import type { Log } from './log.ts';

/** Everything that an agent needs from outside. */
export interface AgentDeps {
  readonly fleet: Fleet;
  /** The Task's ARN: owner of its Leases. */
  readonly owner: string;
  readonly taskStart: TaskStart;
  readonly capacity: Capacity;
  readonly records: Records;
  readonly objects: Objects;
  readonly reports: Reports;
  readonly hints: Hints;
  readonly engine: Engine;
  readonly adapterFiles: Pick<AdapterFiles, 'folderOf'>;
  readonly connect: (address: EngineAddress) => EngineClient;
  readonly gpus: GpuProbe;
  readonly eventLoop: EventLoopDelay;
  readonly metrics: Metrics;
  readonly time: AgentTime;
  readonly log: Log;
  readonly newNonce: () => string;
  /** In [0, 1). */
  readonly random: () => number;
}
