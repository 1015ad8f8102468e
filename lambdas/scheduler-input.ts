import { z } from 'zod';
import type { FleetId } from '../core/ids.ts';
import type { PlanFacts } from '../core/scheduling/plan.ts';

const count = z.number().int().nonnegative();

/** Input of every function of fleet-scheduler. */
export const schedulerInput = z.object({
  fleetId: z.string().transform((id) => id as FleetId),
  generation: count,
  definitionVersion: count,
});

/** Reads LOOP_WAITS_SECONDS: long, medium, short. */
export function parseWaits(json: string): PlanFacts['waitsMs'] {
  const [long, medium, short] = z.tuple([count, count, count]).parse(JSON.parse(json));
  return [long * 1000, medium * 1000, short * 1000];
}
