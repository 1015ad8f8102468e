import { Duration } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';
import { QueueWithDeadLetters } from './queue-with-dead-letters.ts';

export interface FleetQueuesProps {
  readonly fleetIds: readonly string[];
  /** Of the functions that consume reports and signals. */
  readonly consumerTimeout: Duration;
}

/** SQS advises six times the consumer's timeout: retries of a throttled function must not overlap. */
const VISIBILITY_FACTOR = 6;

/** The queues between the scheduler, the agents and the recorder. */
export class FleetQueues extends Construct {
  readonly reports: QueueWithDeadLetters;
  readonly signals: QueueWithDeadLetters;
  private readonly dispatches: ReadonlyMap<string, QueueWithDeadLetters>;

  constructor(scope: Construct, id: string, props: FleetQueuesProps) {
    super(scope, id);
    const visibilityTimeout = Duration.seconds(props.consumerTimeout.toSeconds() * VISIBILITY_FACTOR);
    this.reports = new QueueWithDeadLetters(this, 'Reports', { visibilityTimeout, maxReceiveCount: 5 });
    this.signals = new QueueWithDeadLetters(this, 'Signals', { visibilityTimeout, maxReceiveCount: 5 });
    // A hint that is set aside harms nothing: the plan dispatches its Shard anew.
    const hints = { visibilityTimeout: Duration.seconds(30), maxReceiveCount: 20 };
    this.dispatches = new Map(
      props.fleetIds.map((fleet) => [fleet, new QueueWithDeadLetters(this, `Dispatch-${fleet}`, hints)]),
    );
  }

  get all(): readonly QueueWithDeadLetters[] {
    return [this.reports, this.signals, ...this.dispatches.values()];
  }

  dispatch(fleetId: string): IQueue {
    const found = this.dispatches.get(fleetId);
    if (found === undefined)
      throw new Error(`No Fleet ${fleetId} among ${[...this.dispatches.keys()].join(', ')}.`);
    return found.queue;
  }

  /** For who sends hints. */
  get dispatchEnvironment(): Partial<Record<EnvironmentName, string>> {
    const urls = [...this.dispatches].map(([fleet, { queue }]) => [fleet, queue.queueUrl] as const);
    return { DISPATCH_QUEUE_URLS: JSON.stringify(Object.fromEntries(urls)) };
  }

  grantDispatch(grantee: IGrantable): void {
    for (const { queue } of this.dispatches.values()) queue.grantSendMessages(grantee);
  }
}
