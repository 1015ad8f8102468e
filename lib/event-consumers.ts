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

/** Rounds of the sweeper that may stay away, and at least how long: one may be late, and a throttled call is tried again. */
const MISSED_SWEEPS = 3;
const MISSED_SWEEPS_MIN = Duration.minutes(15);

/** Who hears what: reports to the recorder, news of Tasks and instances to the loops, the clock to the sweeper. */
export class EventConsumers extends Construct {
  private readonly props: Pick<EventConsumersProps, 'sweeper' | 'sweepEvery'>;

  constructor(scope: Construct, id: string, props: EventConsumersProps) {
    super(scope, id);
    this.props = props;
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
    return slacklineMetric(this, 'Interruptions', { service: 'signals', ...of });
  }

  /** Launches that Auto Scaling has given up. */
  metricLaunchFailures(of: PeriodOption = {}): Metric {
    return slacklineMetric(this, 'LaunchFailures', { service: 'signals', ...of });
  }

  /** Calls of the sweeper, in periods that hold one in any case. */
  metricSweeps(): Metric {
    const { sweeper, sweepEvery } = this.props;
    const minutes = Math.max(MISSED_SWEEPS * sweepEvery.toMinutes(), MISSED_SWEEPS_MIN.toMinutes());
    return sweeper.metricInvocations({ period: Duration.minutes(minutes), statistic: 'Sum' });
  }

  /** Calls of the sweeper in which something could not be cleaned up. */
  metricCleanUpFailures(of: PeriodOption = {}): Metric {
    return slacklineMetric(this, 'CleanUpFailures', { service: 'sweeper', ...of });
  }

  /** Seconds that the open work of a Fleet has gone without a plan; the longest of all Fleets. */
  metricOldestLoopTurn(): Metric {
    return slacklineMetric(this, 'OldestLoopTurnSeconds', { service: 'sweeper', statistic: 'Maximum' });
  }

  /** Open Batches by where they stand. */
  metricsOpenBatches(): Metric[] {
    const of = { service: 'sweeper', statistic: 'Maximum' } as const;
    return [
      slacklineMetric(this, 'BatchesValidating', { ...of, label: 'validating' }),
      slacklineMetric(this, 'BatchesEnrolled', { ...of, label: 'in progress' }),
      slacklineMetric(this, 'BatchesClosing', { ...of, label: 'finalizing' }),
    ];
  }

  /** What the sweeper has started anew. */
  metricsRevived(): Metric[] {
    return [
      slacklineMetric(this, 'StaleLoops', { service: 'sweeper', label: 'loops' }),
      slacklineMetric(this, 'RevivedLifecycles', { service: 'sweeper', label: 'lifecycles' }),
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
