import type { AgentTime, EngineClient, Hints } from '../../core/agent/ports.ts';
import type { Fleet } from '../../core/fleet/catalogue.ts';
import type { Capacity } from '../../core/fleet/task.ts';
import type { Objects, Records, Reports } from '../../core/ports.ts';
import type { Engine, EngineAddress } from '../engines/engine.ts';
import type { Log } from './log.ts';

/** Everything that an agent needs from outside. */
export interface AgentDeps {
  readonly fleet: Fleet;
  /** The Task's ARN: owner of its Leases. */
  readonly owner: string;
  readonly capacity: Capacity;
  readonly records: Records;
  readonly objects: Objects;
  readonly reports: Reports;
  readonly hints: Hints;
  readonly engine: Engine;
  readonly connect: (address: EngineAddress) => EngineClient;
  readonly time: AgentTime;
  readonly log: Log;
  readonly newNonce: () => string;
  /** In [0, 1). */
  readonly random: () => number;
}
