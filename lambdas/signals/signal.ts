import { z } from 'zod';
import type { FleetId } from '../../core/ids.ts';

const taskChanged = z.object({
  'detail-type': z.literal('ECS Task State Change'),
  /** RunTask's startedBy: the Fleet. */
  detail: z.object({ startedBy: z.string() }),
});

const interruptionWarned = z.object({
  'detail-type': z.literal('EC2 Spot Instance Interruption Warning'),
  detail: z.object({ 'instance-id': z.string() }),
});

/** Whom news concerns: the Fleet of a Task, the Tasks on an instance that goes, or every Fleet. */
export type Signal =
  | { readonly kind: 'fleet'; readonly fleetId: FleetId }
  | { readonly kind: 'interruption'; readonly instanceId: string }
  | { readonly kind: 'all-fleets' };

/** Reads an event as EventBridge sends it. */
export function parseSignal(body: string): Signal {
  const event: unknown = JSON.parse(body);
  const task = taskChanged.safeParse(event);
  if (task.success) return { kind: 'fleet', fleetId: task.data.detail.startedBy as FleetId };
  const warning = interruptionWarned.safeParse(event);
  if (warning.success) return { kind: 'interruption', instanceId: warning.data.detail['instance-id'] };
  return { kind: 'all-fleets' };
}
