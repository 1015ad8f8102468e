import { randomUUID } from 'node:crypto';
import type { Clock } from '../step-functions/clock.ts';
import type { BusEvent, EmittedEvent } from './event.ts';
import type { PutEntry } from './put-events.ts';
import type { Rule } from './rules.ts';

/** Hands a payload to a Lambda function, queue or state machine; rejects where it cannot. */
export type Deliver = (targetArn: string, payload: unknown, role: string | undefined) => Promise<void>;

export interface BusOptions {
  readonly rules: readonly Rule[];
  readonly deliver: Deliver;
  readonly onTrouble: (message: string) => void;
  readonly region: string;
  readonly accountId: string;
  readonly clock: Clock;
}

/** Where a payload goes; it is made only then, for its making may fail. */
export interface Delivery {
  readonly arn: string;
  readonly role: string | undefined;
  readonly payload: () => unknown;
}

export interface Bus {
  /** Gives the event to every target of the rules that it matches, and returns its id. */
  put(entry: PutEntry): string;
  /** The "Scheduled Event" of a rule or schedule. */
  scheduledEvent(source: string, arn: string, atMs: number): BusEvent;
  toTargets(rule: Rule, event: BusEvent): void;
  /** One target's trouble is told, and is not another's. */
  send(delivery: Delivery): void;
  /** Drops what comes from here on, and waits for what is on its way to a target. */
  close(): Promise<void>;
}

/** The event buses of the stack; a rule sees the events of its own bus. */
export function createBus(options: BusOptions): Bus {
  const onTheWay = new Set<Promise<void>>();
  let closed = false;
  const send = ({ arn, role, payload }: Delivery) => {
    if (closed) return;
    const tell = (error: unknown) =>
      options.onTrouble(`${arn}: ${error instanceof Error ? error.message : error}`);
    try {
      const done = options.deliver(arn, payload(), role).catch(tell);
      onTheWay.add(done);
      void done.finally(() => onTheWay.delete(done));
    } catch (error) {
      tell(error);
    }
  };
  const toTargets = (rule: Rule, event: BusEvent) => {
    for (const { arn, role, payloadOf } of rule.targets) send({ arn, role, payload: () => payloadOf(event) });
  };
  return {
    send,
    toTargets,
    async close() {
      closed = true;
      await Promise.all(onTheWay);
    },
    put({ busName, event }) {
      const stamped = stamp(event, options);
      for (const rule of options.rules) {
        if (rule.busName === busName && rule.matches?.(stamped)) toTargets(rule, stamped);
      }
      return stamped.id;
    },
    scheduledEvent(source, arn, atMs) {
      const time = new Date(atMs);
      return stamp({ source, detailType: 'Scheduled Event', detail: {}, resources: [arn], time }, options);
    },
  };
}

function stamp(event: EmittedEvent, { region, accountId, clock }: BusOptions): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': event.detailType,
    source: event.source,
    account: accountId,
    // EventBridge's times have no fraction of a second.
    time: (event.time ?? new Date(clock.nowMs())).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region,
    resources: event.resources,
    detail: event.detail,
  };
}
