import type { Duration } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Choice,
  Fail,
  type IChainable,
  Pass,
  type StateMachine,
  Succeed,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { Capacity } from '../core/fleet/task.ts';
import type { MetricDimensions, MetricName } from '../core/metrics.ts';
import { type MachineProps, machine } from './machine.ts';
import { callStep, decided, waitStep } from './machine-steps.ts';
import { type SlacklineMetricProps, slacklineMetric } from './slackline-metric.ts';

export interface SchedulerFunctions {
  readonly plan: IFunction;
  readonly act: IFunction;
  readonly wait: IFunction;
  readonly stop: IFunction;
  readonly continueAsNew: IFunction;
}

export interface FleetSchedulerProps extends MachineProps {
  readonly functions: SchedulerFunctions;
  /** Lengths of the waits: long, medium, short. */
  readonly waitsSeconds: readonly [number, number, number];
}

/** The loop of one Fleet while it has open work: plan, act, await. Every decision is the plan's. */
export class FleetScheduler extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: FleetSchedulerProps) {
    super(scope, id);
    this.machine = machine(this, 'Machine', props, this.definition(props));
  }

  /** Seconds of Slack of one Fleet, or the least of all. */
  metricSlack(fleetId?: string): Metric {
    return this.metric('SlackSeconds', { statistic: 'Minimum', ...ofFleet(fleetId) });
  }

  /** Batches that will miss their Deadline, of one Fleet, or the most of any. */
  metricAtRisk(fleetId?: string): Metric {
    return this.metric('AtRiskBatches', { statistic: 'Maximum', ...ofFleet(fleetId) });
  }

  metricTasksRunning(fleet: string, capacity: Capacity): Metric {
    return this.metric('TasksRunning', ofCapacity(fleet, capacity));
  }

  metricTasksWanted(fleet: string, capacity: Capacity): Metric {
    return this.metric('TasksWanted', ofCapacity(fleet, capacity));
  }

  /** Estimated US dollars, by Fleet or by capacity provider. */
  metricCost(
    of: Pick<MetricDimensions, 'fleet'> | Pick<MetricDimensions, 'capacity'>,
    period: Duration,
  ): Metric {
    return this.metric('EstimatedUsd', { dimensions: of, period });
  }

  private metric(name: MetricName, of: Omit<SlacklineMetricProps, 'service'>): Metric {
    return slacklineMetric(this, name, { service: 'scheduler-plan', ...of });
  }

  private definition({ functions, waitsSeconds }: FleetSchedulerProps): IChainable {
    const onError = new Fail(this, 'Leave it to the sweeper', {
      error: 'Slackline.StepFailed',
      cause: 'A step failed for minutes. The sweeper goes on with the next generation.',
    });
    const done = new Succeed(this, 'Loop has ended');
    const plan = this.plan(functions.plan, onError);
    const act = callStep(this, 'Act', { fn: functions.act, onError, fields: { plan: '$states.input' } });
    const [long, medium, short] = waitsSeconds;
    const await_ = (name: string, seconds: number) =>
      waitStep(this, name, {
        fn: functions.wait,
        seconds,
        next: plan,
        onError,
        fields: {
          wakeSeqSeen: '$states.input.wakeSeqSeen',
          settlesUntilPlan: '$states.input.settlesUntilPlan',
        },
      });
    const stop = callStep(this, 'Stop if nothing came', {
      fn: functions.stop,
      onError,
      fields: { wakeSeqSeen: '$states.input.wakeSeqSeen' },
    });
    stop.next(Choice.jsonata(this, 'Did anything come?').when(decided('more-work'), plan).otherwise(done));
    const next = Choice.jsonata(this, 'How long until the next plan?')
      .when(decided('await-short'), await_('Await news for a moment', short))
      .when(decided('await-medium'), await_('Await news for a while', medium))
      .when(decided('await-long'), await_('Await news', long))
      .when(decided('stop'), stop)
      .when(decided('superseded'), done)
      .otherwise(callStep(this, 'Continue as new', { fn: functions.continueAsNew, onError }).next(done));
    return Pass.jsonata(this, 'Begin', { assign: { iteration: 0 } }).next(plan.next(act).next(next));
  }

  /** Counts the plans of this execution, so that the plan can ask for a new one before the history is full. */
  private plan(fn: IFunction, onError: IChainable): LambdaInvoke {
    return callStep(this, 'Plan', {
      fn,
      onError,
      fields: { iteration: '$iteration' },
      assign: { iteration: '{% $states.result.Payload.iteration %}' },
    });
  }
}

const ofFleet = (fleet: string | undefined): Pick<SlacklineMetricProps, 'dimensions' | 'label'> =>
  fleet === undefined ? {} : { dimensions: { fleet }, label: fleet };

const ofCapacity = (fleet: string, capacity: Capacity) =>
  ({ statistic: 'Maximum', dimensions: { fleet, capacity }, label: `${fleet} ${capacity}` }) as const;
