import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Choice, Fail, type IChainable, type StateMachine, Succeed } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type MachineProps, machine } from './machine.ts';
import { callStep, decided, waitStep } from './machine-steps.ts';
import { slacklineMetric } from './slackline-metric.ts';

export interface LifecycleFunctions {
  readonly assess: IFunction;
  readonly intake: IFunction;
  readonly enrol: IFunction;
  readonly wait: IFunction;
  readonly close: IFunction;
  readonly finalize: IFunction;
  readonly tell: IFunction;
}

export interface BatchLifecycleProps extends MachineProps {
  readonly functions: LifecycleFunctions;
  /** Lengths of the waiting rounds: long, medium, short. */
  readonly roundsSeconds: readonly [number, number, number];
}

/**
 * The way of one Batch. Assess looks at the record and says what comes next, so an execution that starts anew goes
 * on where the last one died; nothing is decided here.
 */
export class BatchLifecycle extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, props: BatchLifecycleProps) {
    super(scope, id);
    this.machine = machine(this, 'Machine', props, this.definition(props));
  }

  /** Batches that have ended, by how. */
  metricsEnded(): Metric[] {
    const names = ['BatchesCompleted', 'BatchesFailed', 'BatchesExpired', 'BatchesCancelled'] as const;
    return names.map((name) => {
      const label = name.replace('Batches', '').toLowerCase();
      return slacklineMetric(this, name, { service: 'lifecycle-tell', label });
    });
  }

  /** Seconds before its Deadline that the closest of the Batches has ended. */
  metricMargin(): Metric {
    const of = { service: 'lifecycle-tell', statistic: 'Minimum', label: 'least time left' } as const;
    return slacklineMetric(this, 'BatchMarginSeconds', of);
  }

  /** Lines in output and error files. */
  metricsLines(): Metric[] {
    return [
      slacklineMetric(this, 'LinesCompleted', { service: 'lifecycle-tell', label: 'completed' }),
      slacklineMetric(this, 'LinesFailed', { service: 'lifecycle-tell', label: 'failed' }),
    ];
  }

  metricUnreadableSegments(): Metric {
    return slacklineMetric(this, 'UnreadableSegments', { service: 'lifecycle-finalize' });
  }

  private definition({ functions, roundsSeconds }: BatchLifecycleProps): IChainable {
    const onError = new Fail(this, 'Leave it to the sweeper', {
      error: 'Slackline.StepFailed',
      cause: 'A step failed for minutes. The sweeper goes on with the next generation.',
    });
    const call = (name: string, fn: IFunction) => callStep(this, name, { fn, onError });
    const assess = call('Assess the Batch', functions.assess);
    const [long, medium, short] = roundsSeconds;
    const wait = (name: string, seconds: number) =>
      waitStep(this, name, {
        fn: functions.wait,
        seconds,
        next: assess,
        onError,
        fields: { kind: '$states.input.kind', waitSeq: '$states.input.waitSeq' },
      });
    const close = call('Close the Shards', functions.close);
    close.next(call('Write the files', functions.finalize).next(assess));
    const next = Choice.jsonata(this, 'What comes next?')
      .when(decided('intake'), call('Cut the input into Shards', functions.intake).next(assess))
      .when(decided('enrol'), call('Enrol the Shards', functions.enrol).next(assess))
      .when(decided('wait-long'), wait('Wait while the Deadline is far', long))
      .when(decided('wait-medium'), wait('Wait while the Deadline is near', medium))
      .when(decided('wait-short'), wait('Wait for the Deadline', short))
      .when(decided('close'), close)
      .when(decided('tell'), call('Tell the outcome', functions.tell).next(assess))
      .when(decided('over'), new Succeed(this, 'The Batch is over'))
      .otherwise(new Succeed(this, 'Go on as the next generation'));
    return assess.next(next);
  }
}
