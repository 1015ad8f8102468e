import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { QueueWithDeadLetters } from './queue-with-dead-letters.ts';

export interface ObservabilityProps {
  readonly api: RestApi;
  readonly queues: readonly QueueWithDeadLetters[];
  readonly machines: readonly StateMachine[];
  readonly functions: readonly IFunction[];
  /** Null: the alarms only stand in the console. */
  readonly alarmEmail: string | null;
}

const PERIOD = Duration.minutes(5);

/** The first look at a stack: one dashboard, and alarms on what should never happen. */
export class Observability extends Construct {
  private readonly action: SnsAction | null;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { api, queues, machines, functions } = props;
    this.action = this.actionFor(props.alarmEmail);
    const deadLetters = queues.map(({ deadLetters }) =>
      deadLetters.metricApproximateNumberOfMessagesVisible(),
    );
    const age = queues.map(({ queue }) => queue.metricApproximateAgeOfOldestMessage());
    const failed = machines.map((machine) => machine.metricFailed({ period: PERIOD }));
    const errors = functions.map((fn) => fn.metricErrors({ period: PERIOD }));
    const unreadableSegments = new Metric({
      namespace: 'Slackline',
      metricName: 'UnreadableSegments',
      dimensionsMap: { service: 'lifecycle-finalize' },
      statistic: 'Sum',
      period: PERIOD,
    });
    const serverErrors = api.metricServerError({ period: PERIOD, statistic: 'Sum' });

    queues.forEach(({ node }, i) => {
      this.alarm(
        `DeadLetters-${node.id}`,
        deadLetters[i],
        'Messages were set aside: a consumer fails on them.',
      );
    });
    machines.forEach(({ node }, i) => {
      this.alarm(
        `Failed-${node.scope?.node.id ?? node.id}`,
        failed[i],
        'An execution failed; the sweeper goes on with the next.',
      );
    });
    this.alarm('ServerErrors', serverErrors, 'The API answered 5xx.');
    this.alarm('UnreadableSegments', unreadableSegments, 'Finished results cannot be read: they are lost.');

    new Dashboard(this, 'Dashboard').addWidgets(
      new GraphWidget({
        title: 'Requests',
        left: [api.metricCount({ period: PERIOD })],
        right: [serverErrors],
      }),
      new GraphWidget({ title: 'Age of the oldest message (s)', left: age }),
      new GraphWidget({ title: 'Messages set aside', left: deadLetters }),
      new GraphWidget({
        title: 'Executions',
        left: machines.flatMap((machine) => [machine.metricStarted(), machine.metricSucceeded()]),
        right: failed,
      }),
      new GraphWidget({ title: 'Function errors', left: errors }),
    );
  }

  private actionFor(email: string | null): SnsAction | null {
    if (email === null) return null;
    const topic = new Topic(this, 'Alarms', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(email));
    return new SnsAction(topic);
  }

  private alarm(id: string, metric: IMetric | undefined, alarmDescription: string): void {
    if (metric === undefined) return;
    const alarm = new Alarm(this, id, {
      metric,
      alarmDescription,
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (this.action !== null) alarm.addAlarmAction(this.action);
  }
}
