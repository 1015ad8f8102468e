import { type SchedulerInput, type StartPorts, startLoop } from '../../core/protocol/start-execution.ts';

/** Starts the loop's next generation: a new execution with an empty history and the current definition. */
export const continueScheduler =
  (ports: StartPorts) =>
  async ({ fleetId, generation }: SchedulerInput) => ({ kind: await startLoop(ports, fleetId, generation) });
