import { randomUUID } from 'node:crypto';
import type { DeployedResource } from '../deployed-resource.ts';
import type { Deliver } from '../events/bus.ts';
import { parseRule } from '../events/rules.ts';
import { parseScheduledTarget } from '../events/schedules.ts';

export interface RatesOptions {
  readonly rules: readonly DeployedResource[];
  readonly schedules: readonly DeployedResource[];
  readonly deliver: Deliver;
  readonly region: string;
  readonly accountId: string;
  readonly nowMs: number;
  readonly onTrouble: (message: string) => void;
}

/**
 * Fires once what runs at a rate. A schedule on AWS runs on while functions are down; here it stood still as
 * long as the stack did, and what it would have repaired waits.
 */
export function fireRates(options: RatesOptions): void {
  const { rules, schedules, deliver, onTrouble, region, accountId, nowMs } = options;
  const event = (source: string, arn: string) => ({
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source,
    account: accountId,
    time: new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region,
    resources: [arn],
    detail: {},
  });
  const send: Deliver = (arn, payload, role) =>
    deliver(arn, payload, role).catch((error: Error) => onTrouble(`${arn}: ${error.message}`));
  for (const resource of rules.filter(hasRate)) {
    const rule = parseRule(resource, options);
    for (const target of rule?.targets ?? []) {
      void send(target.arn, target.payloadOf(event('aws.events', rule?.arn ?? '')), target.role);
    }
  }
  for (const resource of schedules.filter(hasRate)) {
    const target = parseScheduledTarget(resource, options);
    if (target === undefined) continue;
    void send(target.arn, target.input ?? event('aws.scheduler', target.scheduleArn), target.role);
  }
}

function hasRate({ properties }: DeployedResource): boolean {
  return String(properties['ScheduleExpression'] ?? '').startsWith('rate(');
}
