import type { FleetId } from '../../core/ids.ts';
import type { Dispatches, Hint } from '../../core/ports.ts';
import { frozenCopy } from './frozen.ts';

export interface MemoryDispatches extends Dispatches {
  /** Hints that were sent and not taken, in order. */
  waiting(fleetId: FleetId): readonly Hint[];
  /** Takes the first one, as an agent that receives and deletes it. */
  take(fleetId: FleetId): Hint | null;
}

/** Dispatch queues in memory, one for each Fleet, in order and exactly once. */
export function memoryDispatches(): MemoryDispatches {
  const queues = new Map<FleetId, Hint[]>();
  const queueOf = (fleetId: FleetId): Hint[] => {
    const queue = queues.get(fleetId) ?? [];
    queues.set(fleetId, queue);
    return queue;
  };
  return {
    send: async (fleetId, hints) => void queueOf(fleetId).push(...hints.map(frozenCopy)),
    waiting: (fleetId) => [...queueOf(fleetId)],
    take: (fleetId) => queueOf(fleetId).shift() ?? null,
  };
}
