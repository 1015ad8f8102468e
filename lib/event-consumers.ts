import { Duration } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { FleetQueues } from './fleet-queues.ts';
import { slacklineMetric } from './slackline-metric.ts';

export interface EventConsumersProps {
  readonly queues: FleetQueues;
  readonly clusterArn: string;
  readonly recorder: IFunction;
  /** How long the recorder gathers reports. */
  readonly recorderWindow: Duration;
  readonly signals: IFunction;
  readonly sweeper: IFunction;
  readonly sweepEvery: Duration;
  readonly instanceKeeper: IFunction;
}

interface PeriodOption {
  /** @default - five minutes */
  readonly period?: Duration;
}

/** Who hears what: reports to the recorder, news of Tasks and instances to the loops, the clock to the sweeper. */
export class EventConsumers extends Construct {
  constructor(scope: Construct, id: string, props: EventConsumersProps) {
    super(scope, id);
    props.recorder.addEventSource(
      new SqsEventSource(props.queues.reports.queue, {
        // More than ten messages a call only come with a window to gather them in.
        batchSize: props.recorderWindow.toSeconds() === 0 ? 10 : 50,
        maxBatchingWindow: props.recorderWindow,
        maxConcurrency: 10,
        reportBatchItemFailures: true,
      }),
    );
    props.signals.addEventSource(
      new SqsEventSource(props.queues.signals.queue, {
        batchSize: 10,
        maxConcurrency: 5,
        reportBatchItemFailures: true,
      }),
    );
    for (const fn of [props.recorder, props.signals]) {
      acknowledge(fn, {
        'Serverless-LambdaEventSourceMappingDestination':
          'Its queue sets aside what it fails on; a queue as source takes no other destination.',
      });
    }
    this.sendEvents(props);
    this.keepInstances(props);
    new Rule(this, 'Sweep', {
      description: 'Restarts what has died: loops, lifecycles, dispatch',
      schedule: Schedule.rate(props.sweepEvery),
      targets: [new LambdaFunction(props.sweeper, { deadLetterQueue: props.queues.signals.deadLetters })],
    });
  }

  /** Instances that spot has taken back. */
  metricInterruptions(of: PeriodOption = {}): Metric {
    return slacklineMetric('Interruptions', { service: 'signals', ...of });
  }

  /** Launches that Auto Scaling has given up. */
  metricLaunchFailures(of: PeriodOption = {}): Metric {
    return slacklineMetric('LaunchFailures', { service: 'signals', ...of });
  }

  /** Seconds that the open work of a Fleet has gone without a plan; the longest of all Fleets. */
  metricOldestLoopTurn(): Metric {
    return slacklineMetric('OldestLoopTurnSeconds', { service: 'sweeper', statistic: 'Maximum' });
  }

  /** Open Batches by where they stand. */
  metricsOpenBatches(): Metric[] {
    const of = { service: 'sweeper', statistic: 'Maximum' } as const;
    return [
      slacklineMetric('BatchesValidating', { ...of, label: 'validating' }),
      slacklineMetric('BatchesEnrolled', { ...of, label: 'in progress' }),
      slacklineMetric('BatchesClosing', { ...of, label: 'finalizing' }),
    ];
  }

  /** What the sweeper has started anew. */
  metricsRevived(): Metric[] {
    return [
      slacklineMetric('StaleLoops', { service: 'sweeper', label: 'loops' }),
      slacklineMetric('RevivedLifecycles', { service: 'sweeper', label: 'lifecycles' }),
    ];
  }

  /** Tasks that want an instance or leave one; the clock for what was idle long enough, and for events that are lost. */
  private keepInstances({ instanceKeeper, clusterArn, queues }: EventConsumersProps): void {
    const target = new LambdaFunction(instanceKeeper, { deadLetterQueue: queues.signals.deadLetters });
    new Rule(this, 'InstancesWanted', {
      description: 'Tasks that wait for an instance or have left one',
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Task State Change'],
        detail: { clusterArn: [clusterArn], lastStatus: ['PROVISIONING', 'STOPPED'] },
      },
      targets: [target],
    });
    new Rule(this, 'InstancesKept', {
      description: 'Ends instances that no Task is on',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [target],
    });
  }

  private sendEvents({ queues, clusterArn }: EventConsumersProps): void {
    const { queue, deadLetters: deadLetterQueue } = queues.signals;
    const targets = [new SqsQueue(queue, { deadLetterQueue })];
    new Rule(this, 'TaskStateChanged', {
      description: 'Tasks that run or have stopped',
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Task State Change'],
        detail: { clusterArn: [clusterArn], lastStatus: ['RUNNING', 'STOPPED'] },
      },
      targets,
    });
    new Rule(this, 'SpotInterruption', {
      description: 'Instances that spot takes back in two minutes',
      eventPattern: { source: ['aws.ec2'], detailType: ['EC2 Spot Instance Interruption Warning'] },
      targets,
    });
    new Rule(this, 'LaunchFailed', {
      description: 'Instances that could not be launched',
      eventPattern: { source: ['aws.autoscaling'], detailType: ['EC2 Instance Launch Unsuccessful'] },
      targets,
    });
  }
}
