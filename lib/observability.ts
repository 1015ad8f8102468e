import { Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Fleet } from '../core/fleet/catalogue.ts';
import { acknowledge } from './acknowledge.ts';
import { Alarms } from './alarms.ts';
import { ApiDashboard } from './api-dashboard.ts';
import type { BatchApi } from './batch-api.ts';
import type { BatchLifecycle } from './batch-lifecycle.ts';
import type { EventConsumers } from './event-consumers.ts';
import type { FleetQueues } from './fleet-queues.ts';
import type { FleetScheduler } from './fleet-scheduler.ts';
import type { Functions } from './functions.ts';
import type { GpuCapacity } from './gpu-capacity.ts';
import { MonthlyBudget } from './monthly-budget.ts';
import { OperatorDashboard } from './operator-dashboard.ts';
import { SavedQueries } from './saved-queries.ts';

export interface ObservabilityProps {
  readonly api: BatchApi;
  readonly queues: FleetQueues;
  readonly gpu: GpuCapacity;
  readonly functions: Functions;
  readonly lifecycle: BatchLifecycle;
  readonly scheduler: FleetScheduler;
  readonly consumers: EventConsumers;
  readonly fleets: readonly Fleet[];
  /** Null: the alarms only stand in the console. */
  readonly alarmEmail: string | null;
  /** Null: a key of AWS's own. */
  readonly encryptionKey: IKey | null;
  /** Null: half of what all on-demand instances together cost. */
  readonly onDemandAlarmUsdPerHour: number | null;
  /** Null: no budget. */
  readonly monthlyBudgetUsd: number | null;
}

/** What shows how the stack is doing: it composes the metrics of the others, and has none of its own. */
export class Observability extends Construct {
  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { alarmEmail, encryptionKey, monthlyBudgetUsd } = props;
    new OperatorDashboard(this, 'Operator', props);
    new ApiDashboard(this, 'Api', props);
    new Alarms(this, 'Alarms', { ...props, action: this.actionFor(alarmEmail, encryptionKey) });
    new SavedQueries(this, 'Queries');
    if (monthlyBudgetUsd === null || alarmEmail === null) return;
    new MonthlyBudget(this, 'Budget', { usd: monthlyBudgetUsd, email: alarmEmail });
  }

  private actionFor(email: string | null, masterKey: IKey | null): SnsAction | null {
    if (email === null) return null;
    const topic = new Topic(this, 'Topic', {
      enforceSSL: true,
      ...(masterKey === null ? {} : { masterKey }),
    });
    // The statement that refuses plain HTTP takes the place of SNS's own policy, under which alarms may publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    topic.addSubscription(new EmailSubscription(email));
    acknowledge(topic, {
      'Serverless-SNSRedrivePolicy':
        'SNS itself tries for hours to send a mail, and the alarm stands in the console.',
    });
    return new SnsAction(topic);
  }
}
