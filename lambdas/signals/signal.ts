import { z } from 'zod';
import { type LaunchReason, launchReason } from '../../core/fleet/launch-trouble.ts';
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

const launchFailed = z.object({
  'detail-type': z.literal('EC2 Instance Launch Unsuccessful'),
  detail: z.object({ AutoScalingGroupName: z.string(), StatusMessage: z.string().default('') }),
});

/** News of a Fleet's Task, of an instance that goes, of instances that do not come, or something else. */
export type Signal =
  | { readonly kind: 'fleet'; readonly fleetId: FleetId }
  | { readonly kind: 'interruption'; readonly instanceId: string }
  | { readonly kind: 'launch-failed'; readonly group: string; readonly reason: LaunchReason | null }
  | { readonly kind: 'other' };

/** Reads an event as EventBridge sends it. */
export function parseSignal(body: string): Signal {
  const event: unknown = JSON.parse(body);
  const task = taskChanged.safeParse(event);
  if (task.success) return { kind: 'fleet', fleetId: task.data.detail.startedBy as FleetId };
  const warning = interruptionWarned.safeParse(event);
  if (warning.success) return { kind: 'interruption', instanceId: warning.data.detail['instance-id'] };
  const launch = launchFailed.safeParse(event);
  if (!launch.success) return { kind: 'other' };
  const { AutoScalingGroupName: group, StatusMessage } = launch.data.detail;
  return { kind: 'launch-failed', group, reason: launchReason(StatusMessage) };
}
