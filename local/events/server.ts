import { serveAwsJson } from '../aws-json/server.ts';
import type { DeployedResource } from '../deployed-resource.ts';
import { type Clock, systemClock, type Timer } from '../step-functions/clock.ts';
import { type Bus, createBus, type Deliver } from './bus.ts';
import type { EmittedEvent } from './event.ts';
import { putEvents } from './put-events.ts';
import { parseRule, type Rule } from './rules.ts';
import { runSchedule } from './schedule/run-schedule.ts';
import { parseScheduledTarget, type ScheduledTarget } from './schedules.ts';

export interface EventsOptions {
  /** AWS::Events::Rule */
  readonly rules: readonly DeployedResource[];
  /** AWS::Scheduler::Schedule */
  readonly schedules: readonly DeployedResource[];
  readonly deliver: Deliver;
  readonly region: string;
  readonly accountId: string;
  readonly clock?: Clock;
  /** @default - a free one */
  readonly port?: number;
  /** Told of a target that could not be given its event. @default - nobody is told */
  readonly onTrouble?: (message: string) => void;
}

export interface Events {
  readonly url: string;
  /** Puts an event of an AWS service on the default bus. */
  emit(event: EmittedEvent): void;
  close(): Promise<void>;
}

/** Serves EventBridge on 127.0.0.1: rules by pattern, rules and schedules by time, and PutEvents. */
export async function startEvents(options: EventsOptions): Promise<Events> {
  const { clock = systemClock, region, accountId } = options;
  const environment = { region, accountId, nowMs: clock.nowMs() };
  const rules = options.rules
    .map((rule) => parseRule(rule, environment))
    .filter((rule) => rule !== undefined);
  const schedules = options.schedules
    .map((schedule) => parseScheduledTarget(schedule, environment))
    .filter((schedule) => schedule !== undefined);
  const onTrouble = options.onTrouble ?? (() => undefined);
  const bus = createBus({ rules, deliver: options.deliver, onTrouble, region, accountId, clock });
  const listener = await serveAwsJson({
    targetPrefix: 'AWSEvents',
    operations: { PutEvents: (input) => putEvents(input, bus.put) },
    ...(options.port !== undefined && { port: options.port }),
  });
  const timers = [...startRules(rules, bus, clock), ...startSchedules(schedules, bus, clock)];
  return {
    url: listener.url,
    emit: (event) => void bus.put({ busName: 'default', event }),
    async close() {
      for (const timer of timers) timer.cancel();
      await Promise.all([listener.close(), bus.close()]);
    },
  };
}

function startRules(rules: readonly Rule[], bus: Bus, clock: Clock): Timer[] {
  return rules.flatMap((rule) => {
    const fire = (atMs: number) => bus.toTargets(rule, bus.scheduledEvent('aws.events', rule.arn, atMs));
    return rule.schedule === undefined ? [] : [runSchedule(rule.schedule, clock, fire)];
  });
}

function startSchedules(schedules: readonly ScheduledTarget[], bus: Bus, clock: Clock): Timer[] {
  return schedules.map(({ arn, role, input, schedule, scheduleArn }) =>
    runSchedule(schedule, clock, (atMs) => {
      const payload = () => input ?? bus.scheduledEvent('aws.scheduler', scheduleArn, atMs);
      bus.send({ arn, role, payload });
    }),
  );
}
