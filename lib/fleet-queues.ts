import { Duration } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../core/environment.ts';
import { allowKeyUse } from './data-key.ts';
import { allow } from './permission.ts';
import { QueueWithDeadLetters } from './queue-with-dead-letters.ts';

export interface FleetQueuesProps {
  readonly fleetIds: readonly string[];
  /** Of the functions that consume reports and signals. */
  readonly consumerTimeout: Duration;
  /** Null: a key of SQS's own. */
  readonly encryptionKey: IKey | null;
}

/** SQS advises six times the consumer's timeout: retries of a throttled function must not overlap. */
const VISIBILITY_FACTOR = 6;

/** The queues between the scheduler, the agents and the recorder. */
export class FleetQueues extends Construct {
  readonly reports: QueueWithDeadLetters;
  readonly signals: QueueWithDeadLetters;
  private readonly dispatches: ReadonlyMap<string, QueueWithDeadLetters>;
  private readonly encryptionKey: IKey | null;

  constructor(scope: Construct, id: string, props: FleetQueuesProps) {
    super(scope, id);
    const { encryptionKey } = props;
    this.encryptionKey = encryptionKey;
    const visibilityTimeout = Duration.seconds(props.consumerTimeout.toSeconds() * VISIBILITY_FACTOR);
    const news = { visibilityTimeout, maxReceiveCount: 5, encryptionKey };
    this.reports = new QueueWithDeadLetters(this, 'Reports', news);
    this.signals = new QueueWithDeadLetters(this, 'Signals', news);
    // A hint that is set aside harms nothing: the plan dispatches its Shard anew.
    const hints = { visibilityTimeout: Duration.seconds(30), maxReceiveCount: 20, encryptionKey };
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

  /** Sends hints to the agents of every Fleet. */
  grantDispatch(grantee: IGrantable): void {
    const resources = [...this.dispatches.values()].map(({ queue }) => queue.queueArn);
    this.allow(grantee, ['sqs:SendMessage'], resources);
  }

  /** Takes the hints of one Fleet, and gives those back that it cannot use. */
  grantTakeHints(grantee: IGrantable, fleetId: string): void {
    const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'];
    this.allow(grantee, actions, [this.dispatch(fleetId).queueArn]);
  }

  /** Sends reports to the recorder. */
  grantReport(grantee: IGrantable): void {
    this.allow(grantee, ['sqs:SendMessage'], [this.reports.queue.queueArn]);
  }

  /** Sets events aside that a function failed on. */
  grantSetAside(grantee: IGrantable): void {
    this.allow(grantee, ['sqs:SendMessage'], [this.signals.deadLetters.queueArn]);
  }

  private allow(grantee: IGrantable, actions: readonly string[], resources: readonly string[]): void {
    allow(grantee, { actions, resources });
    const writes = actions.includes('sqs:SendMessage');
    allowKeyUse(grantee, { encryptionKey: this.encryptionKey, via: ['sqs'], writes });
  }
}
