import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ObservabilityProps } from './observability.ts';

export interface AlarmsProps extends ObservabilityProps {
  /** Null: the alarms only stand in the console. */
  readonly action: IAlarmAction | null;
}

interface AlarmOn {
  /** The page in docs/runbooks/. */
  readonly runbook: string;
  readonly metric: IMetric;
  readonly meaning: string;
  /** @default 0 */
  readonly above?: number;
  /** In place of `above`. */
  readonly below?: number;
  /** Periods in a row. @default 1 */
  readonly periods?: number;
  /** What a period without a value counts as. A stack at rest measures nothing. @default - as one that is well */
  readonly missing?: TreatMissingData;
}

/** A message that was taken twice and failed each time is hidden for six minutes each. */
const OLD_MESSAGE = Duration.minutes(15);
/** As the sweeper takes a loop for stale (core/protocol/loop.ts). */
const STALE_LOOP = Duration.minutes(15);
/** Auto Scaling tries every few minutes and says each time that it failed. */
const LAUNCH_FAILURES = 2;
/** A call that fails is tried three times. */
const SWEEP_ERRORS = 2;
/** Days with a failure: a round goes through all objects once a day, and what failed in passing is done by the next. */
const FAILED_CLEAN_UPS = 2;
/** It runs each minute and for each Task: one that fails in passing is no trouble. */
const KEEPER_ERRORS = 5;
/** H100 and A100 are made for 85 to 87 °C, and slow down from 89 °C on (product briefs; `nvidia-smi -q`). */
const MAX_TEMPERATURE_C = 87;
/** vLLM takes the share that its flags name, 90 to 92%, and some more for its graphs and libraries. */
const MAX_MEMORY_PERCENT = 98;
const FULL_MINUTES = 3;
/** A Task says it once a minute; a peak of load is shorter. */
const HOT_MINUTES = 3;

/** What someone must look at, each with the page that says how. One alarm for all Fleets: each costs by the month. */
export class Alarms extends Construct {
  private readonly action: IAlarmAction | null;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.action = props.action;
    this.onDeadlines(props);
    this.onMachinery(props);
    this.onSchedules(props);
    this.onCapacity(props);
    this.onResults(props);
  }

  private onDeadlines({ scheduler, consumers }: AlarmsProps): void {
    this.add('SlackBelowZero', {
      runbook: 'slack-below-zero',
      metric: scheduler.metricSlack(),
      meaning: 'On-demand Tasks alone would miss a Deadline: if spot goes, it is missed.',
      below: 0,
    });
    this.add('PredictedLate', {
      runbook: 'predicted-late',
      metric: scheduler.metricAtRisk(),
      meaning: 'Batches will miss their Deadline with the spot Tasks that there are and all on-demand ones.',
    });
    // The sweeper asks: a loop that is dead is no missing value.
    this.add('LoopStale', {
      runbook: 'loop-stale',
      metric: consumers.metricOldestLoopTurn(),
      meaning: 'A Fleet has open work, and nobody plans it.',
      above: STALE_LOOP.toSeconds(),
    });
  }

  private onMachinery({ queues, lifecycle, scheduler, api }: AlarmsProps): void {
    const [reports, signals] = [queues.reports, queues.signals];
    for (const [name, { deadLetters }] of Object.entries({ Reports: reports, Signals: signals })) {
      this.add(`DeadLetters-${name}`, {
        runbook: 'dead-letters',
        metric: deadLetters.metricApproximateNumberOfMessagesVisible(),
        meaning: 'Messages were set aside: a function fails on them.',
      });
    }
    this.add('QueueAge-Reports', {
      runbook: 'queue-age',
      metric: reports.queue.metricApproximateAgeOfOldestMessage(),
      meaning: 'Reports are not recorded: Batches do not end, though their lines are finished.',
      above: OLD_MESSAGE.toSeconds(),
    });
    this.add('QueueAge-Signals', {
      runbook: 'queue-age',
      metric: signals.queue.metricApproximateAgeOfOldestMessage(),
      meaning: 'News of Tasks and instances is not heard: plans and stops come late.',
      above: OLD_MESSAGE.toSeconds(),
    });
    for (const [name, { machine }] of Object.entries({ Lifecycle: lifecycle, Scheduler: scheduler })) {
      this.add(`Failed-${name}`, {
        runbook: 'executions-failed',
        metric: machine.metricFailed(),
        meaning: 'An execution failed; the sweeper goes on with the next.',
      });
    }
    this.add('ServerErrors', {
      runbook: 'server-errors',
      metric: api.metricServerErrors(),
      meaning: 'The API answered 5xx.',
    });
  }

  private onSchedules({ functions, consumers }: AlarmsProps): void {
    this.add('SweepFailing', {
      runbook: 'sweep-failing',
      metric: functions.sweeper.metricErrors({ period: Duration.minutes(15) }),
      meaning: 'The sweeper fails: what dies now stays dead.',
      above: SWEEP_ERRORS,
    });
    this.add('SweepMissing', {
      runbook: 'sweep-missing',
      metric: consumers.metricSweeps(),
      meaning: 'Nobody calls the sweeper: what dies now stays dead, and no other alarm says so.',
      below: 1,
      missing: TreatMissingData.BREACHING,
    });
    this.add('CleanUpFailing', {
      runbook: 'clean-up-failing',
      metric: consumers.metricCleanUpFailures({ period: Duration.days(1) }),
      meaning: 'The clean-up fails day after day: what has expired is not deleted.',
      periods: FAILED_CLEAN_UPS,
    });
    this.add('KeeperFailing', {
      runbook: 'keeper-failing',
      metric: functions.instanceKeeper.metricErrors({ period: Duration.minutes(15) }),
      meaning: 'The instance keeper fails: GPUs that nobody uses run on.',
      above: KEEPER_ERRORS,
    });
  }

  private onCapacity({ consumers, scheduler, gpu, onDemandAlarmUsdPerHour }: AlarmsProps): void {
    this.add('LaunchFailures', {
      runbook: 'launch-failures',
      metric: consumers.metricLaunchFailures({ period: Duration.minutes(15) }),
      meaning: 'Instances could not be launched again and again.',
      above: LAUNCH_FAILURES,
    });
    this.add('Interruptions', {
      runbook: 'interruptions',
      metric: consumers.metricInterruptions({ period: Duration.hours(1) }),
      meaning: 'Spot has taken more instances within an hour than half of what it may give at a time.',
      above: gpu.maxSpotInstances / 2,
    });
    this.add('OnDemandSpend', {
      runbook: 'on-demand-spend',
      metric: scheduler.metricCost({ capacity: 'on-demand' }, Duration.hours(1)),
      meaning: 'On-demand Tasks cost much within an hour.',
      above: onDemandAlarmUsdPerHour ?? gpu.maxOnDemandUsdPerHour / 2,
    });
    this.add('GpuErrors', {
      runbook: 'gpu-errors',
      metric: gpu.metricGpuErrors(),
      meaning: 'A GPU errs: its Task has ended, and its instance goes.',
    });
    this.add('GpuMemory', {
      runbook: 'gpu-memory',
      metric: gpu.metricGpuMemoryUsed(),
      meaning: 'A GPU has next to no memory left: what the engine asks for next may end it.',
      above: MAX_MEMORY_PERCENT,
      periods: FULL_MINUTES,
    });
    this.add('GpuTemperature', {
      runbook: 'gpu-temperature',
      metric: gpu.metricGpuTemperature(),
      meaning: 'A GPU is too hot and slows down: terminate its instance, the cooling of its host fails.',
      above: MAX_TEMPERATURE_C,
      periods: HOT_MINUTES,
    });
  }

  private onResults({ lifecycle }: AlarmsProps): void {
    this.add('UnreadableSegments', {
      runbook: 'unreadable-segments',
      metric: lifecycle.metricUnreadableSegments(),
      meaning: 'Finished results cannot be read: they are lost.',
    });
  }

  private add(id: string, alarmOn: AlarmOn): void {
    const { runbook, metric, meaning, above = 0, below, periods = 1 } = alarmOn;
    const alarm = new Alarm(this, id, {
      metric,
      alarmDescription: `${meaning} Runbook: docs/runbooks/${runbook}.md`,
      threshold: below ?? above,
      comparisonOperator:
        below === undefined
          ? ComparisonOperator.GREATER_THAN_THRESHOLD
          : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: alarmOn.missing ?? TreatMissingData.NOT_BREACHING,
    });
    if (this.action !== null) alarm.addAlarmAction(this.action);
  }
}
