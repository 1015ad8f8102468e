import type { FleetId } from '../ids.ts';
import { recordKeys } from '../keys.ts';
import { noteSettled, type WakeResult, wake } from './loop.ts';
import { type StartPorts, startLoop } from './start-execution.ts';

/**
 * Makes the Fleet's loop plan anew: bumps `wakeSeq`, ends its Await, and starts the loop if it is stopped. Write
 * first what the plan should see: a loop stops only if `wakeSeq` is what its last plan read.
 */
export async function wakeFleet(ports: StartPorts, fleetId: FleetId): Promise<void> {
  await follow(
    ports,
    fleetId,
    await ports.records.change(recordKeys.loop(fleetId), (loop) => wake(loop, fleetId)),
  );
}

/** Wakes the Fleet only where so many Shards have settled that its Tasks could soon lack hints. */
export async function tellFleetOfSettled(ports: StartPorts, fleetId: FleetId): Promise<void> {
  const woken = await ports.records.change(recordKeys.loop(fleetId), (loop) => noteSettled(loop, fleetId));
  if (woken !== null) await follow(ports, fleetId, woken);
}

async function follow(ports: StartPorts, fleetId: FleetId, woken: WakeResult): Promise<void> {
  if (woken.token !== null) await ports.executions.sendToken(woken.token);
  if (woken.state === 'stopped') await startLoop(ports, fleetId, woken.generation);
}
