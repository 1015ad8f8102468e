import { z } from 'zod';
import type { FleetId } from '../../core/ids.ts';

const taskChanged = z.object({
  'detail-type': z.literal('ECS Task State Change'),
  /** RunTask's startedBy: the Fleet. */
  detail: z.object({ startedBy: z.string() }),
});

/** Whom news concerns: the Fleet of a Task, or every Fleet, where an instance came or went. */
export type Signal = { readonly kind: 'fleet'; readonly fleetId: FleetId } | { readonly kind: 'all-fleets' };

/** Reads an event as EventBridge sends it. */
export function parseSignal(body: string): Signal {
  const event: unknown = JSON.parse(body);
  const task = taskChanged.safeParse(event);
  return task.success
    ? { kind: 'fleet', fleetId: task.data.detail.startedBy as FleetId }
    : { kind: 'all-fleets' };
}
