import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import {
  Condition,
  Errors,
  type IChainable,
  IntegrationPattern,
  JitterType,
  TaskInput,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { STEP_ERRORS } from '../core/batch/step-errors.ts';

/** JSONata expressions by the name of the field that the function gets beside the execution's input. */
export type StepFields = Readonly<Record<string, string>>;

export interface CallStepProps {
  readonly fn: IFunction;
  /** @default - the execution's input alone */
  readonly fields?: StepFields;
  /** Variables set from the result. @default - none */
  readonly assign?: Readonly<Record<string, string>>;
  /** Where a step ends that failed for minutes. */
  readonly onError: IChainable;
}

export interface WaitStepProps extends CallStepProps {
  readonly seconds: number;
  readonly next: IChainable;
}

/** A Task state that calls a function with the execution's input and goes on with what it returned. */
export function callStep(scope: Construct, name: string, props: CallStepProps): LambdaInvoke {
  const step = LambdaInvoke.jsonata(scope, name, {
    lambdaFunction: props.fn,
    payload: payload(props.fields),
    outputs: '{% $states.result.Payload %}',
    ...(props.assign === undefined ? {} : { assign: { ...props.assign } }),
    retryOnServiceExceptions: false,
  });
  tolerateErrors(step, props.onError);
  return step;
}

/** A Task state that waits for its token, for a fixed time at most; then it goes on all the same. */
export function waitStep(scope: Construct, name: string, props: WaitStepProps): LambdaInvoke {
  const step = LambdaInvoke.jsonata(scope, name, {
    lambdaFunction: props.fn,
    integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    payload: payload({ ...props.fields, taskToken: '$states.context.Task.Token' }),
    taskTimeout: Timeout.duration(Duration.seconds(props.seconds)),
    retryOnServiceExceptions: false,
  });
  // A retry on States.ALL would swallow the time-out that ends every quiet round: it is caught first.
  step.addRetry({ errors: [Errors.TIMEOUT], maxAttempts: 0 });
  step.addCatch(props.next, { errors: [Errors.TIMEOUT] });
  tolerateErrors(step, props.onError);
  step.next(props.next);
  return step;
}

/** True where the function decided on this kind. */
export const decided = (kind: string): Condition => Condition.jsonata(`{% $states.input.kind = '${kind}' %}`);

function payload(fields: StepFields = {}): TaskInput {
  const own = Object.entries(fields).map(([name, expression]) => `'${name}': ${expression}`);
  return TaskInput.fromText(`{% $merge([$states.context.Execution.Input, {${own.join(', ')}}]) %}`);
}

/** Some minutes of trouble are sat out; what lasts longer is left to the sweeper. */
function tolerateErrors(step: LambdaInvoke, onError: IChainable): void {
  step.addRetry({ errors: Object.values(STEP_ERRORS), maxAttempts: 0 });
  step.addRetry({
    errors: [Errors.ALL],
    interval: Duration.seconds(2),
    maxAttempts: 6,
    backoffRate: 2,
    maxDelay: Duration.minutes(1),
    jitterStrategy: JitterType.FULL,
  });
  step.addCatch(onError, { errors: [Errors.ALL] });
}
