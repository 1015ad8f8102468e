import { z } from 'zod';
import type { DeployedResource } from '../deployed-resource.ts';
import { parseProperties } from '../template/properties.ts';
import type { RuleEnvironment } from './rules.ts';
import { parseSchedule, type Schedule } from './schedule/parse-schedule.ts';

export interface ScheduledTarget {
  readonly scheduleArn: string;
  readonly schedule: Schedule;
  readonly arn: string;
  readonly role: string | undefined;
  /** Undefined: the target is given a "Scheduled Event". */
  readonly input: unknown;
}

const scheduleSchema = z.object({
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.literal('UTC', { error: 'the local stack has UTC only' }).default('UTC'),
  State: z.string().default('ENABLED'),
  GroupName: z.string().default('default'),
  Target: z.object({ Arn: z.string(), RoleArn: z.string().optional(), Input: z.string().optional() }),
});

/** Reads an AWS::Scheduler::Schedule; undefined where it is disabled. Throws an error that names it. */
export function parseScheduledTarget(
  resource: DeployedResource,
  { region, accountId, nowMs }: RuleEnvironment,
): ScheduledTarget | undefined {
  const properties = parseProperties(resource, scheduleSchema);
  const { Target: target, GroupName, ScheduleExpression } = properties;
  if (properties.State === 'DISABLED') return undefined;
  try {
    return {
      scheduleArn: `arn:aws:scheduler:${region}:${accountId}:schedule/${GroupName}/${resource.physicalId}`,
      schedule: parseSchedule(ScheduleExpression, nowMs),
      arn: target.Arn,
      role: target.RoleArn,
      input: target.Input === undefined ? undefined : JSON.parse(target.Input),
    };
  } catch (error) {
    const { stack, logicalId, type } = resource;
    throw new Error(`${stack}.${logicalId} (${type}): ${(error as Error).message}`);
  }
}
