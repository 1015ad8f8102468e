import { type Batch, DEFINITION_VERSION } from '../batch/batch.ts';
import type { FleetId } from '../ids.ts';
import { recordKeys } from '../keys.ts';
import type { Clock, Executions, Records } from '../ports.ts';
import { advanceGeneration, type BatchRef, isOver, type LifecycleInput } from './lifecycle.ts';
import { type Loop, startGeneration } from './loop.ts';

export interface StartPorts {
  readonly records: Records;
  readonly executions: Executions;
  readonly clock: Clock;
}

/** `running`: an execution of the newest generation runs or has done its work. `given-up`: the sweeper tries again. */
export type StartResult = 'running' | 'superseded' | 'given-up';

/** Input of an execution of fleet-scheduler. */
export interface SchedulerInput {
  readonly fleetId: FleetId;
  readonly generation: number;
  readonly definitionVersion: number;
}

/** Names that may be found closed in one call: each is an execution that died at once. */
const MAX_TAKEN_NAMES = 3;

/**
 * Starts the lifecycle's next generation after the one seen: at create (0), to continue as new (its own), to
 * revive a dead one. The number is advanced first, so that a name is started once; a name that is taken by a
 * closed execution stays taken for 90 days and is success only if the Batch is over.
 */
export async function startLifecycle(
  ports: StartPorts,
  { tenant, batchId }: BatchRef,
  seen: number,
): Promise<StartResult> {
  const key = recordKeys.batch(tenant, batchId);
  let last = seen;
  for (let tries = 0; tries < MAX_TAKEN_NAMES; tries++) {
    const from = last;
    const advanced = await ports.records.change(key, (batch) => advanceGeneration(batch, from));
    if (advanced.kind !== 'start') return 'superseded';
    const { generation, requestId } = advanced;
    const input: LifecycleInput = {
      ...{ tenant, batchId, generation, definitionVersion: DEFINITION_VERSION },
      ...(requestId === undefined ? {} : { requestId }),
    };
    const started = await startOrFind(ports, 'batch-lifecycle', lifecycleName(batchId, generation), input);
    if (started === 'running') return 'running';
    const batch = await ports.records.read(key);
    if (batch === null || (await isToldAndOver(ports.records, batch))) return 'running';
    last = generation;
  }
  return 'given-up';
}

/** The same for a Fleet's loop; a closed execution is success only if the loop has stopped or gone on. */
export async function startLoop(ports: StartPorts, fleetId: FleetId, seen: number): Promise<StartResult> {
  const key = recordKeys.loop(fleetId);
  let last = seen;
  for (let tries = 0; tries < MAX_TAKEN_NAMES; tries++) {
    const start = { fleetId, seen: last, nowMs: ports.clock.nowMs() };
    const advanced = await ports.records.change(key, (loop) => startGeneration(loop, start));
    if (advanced.kind !== 'start') return 'superseded';
    const { generation } = advanced;
    const input: SchedulerInput = { fleetId, generation, definitionVersion: DEFINITION_VERSION };
    const started = await startOrFind(ports, 'fleet-scheduler', schedulerName(fleetId, generation), input);
    if (started === 'running') return 'running';
    const loop: Loop | null = await ports.records.read(key);
    if (loop === null || loop.state === 'stopped' || loop.generation !== generation) return 'running';
    last = generation;
  }
  return 'given-up';
}

export const lifecycleName = (batchId: string, generation: number): string => `${batchId}-${generation}`;
export const schedulerName = (fleetId: string, generation: number): string => `${fleetId}-${generation}`;

async function startOrFind(
  { executions }: StartPorts,
  machine: 'batch-lifecycle' | 'fleet-scheduler',
  name: string,
  input: unknown,
): Promise<'running' | 'closed'> {
  if ((await executions.start(machine, name, input)) === 'started') return 'running';
  return (await executions.isRunning(machine, name)) ? 'running' : 'closed';
}

async function isToldAndOver(records: Records, batch: Batch): Promise<boolean> {
  if (!isOver(batch)) return false;
  return (await records.read(recordKeys.openBatch(batch.tenant, batch.id))) === null;
}
