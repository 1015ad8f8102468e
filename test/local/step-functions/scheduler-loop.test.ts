import { ListExecutionsCommand, SendTaskSuccessCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settled } from './fake-clock.ts';
import {
  failWith,
  jsonata,
  LAMBDA,
  LAMBDA_TOKEN,
  machineArn,
  type Stack,
  startStack,
  succeed,
  typesOf,
} from './stack.ts';

const retry = [
  { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 2, JitterStrategy: 'FULL', BackoffRate: 2 },
];
const toAlarm = { ErrorEquals: ['States.ALL'], Next: 'Raise alarm' };
const call = (FunctionName: string, extra: object) => ({
  Type: 'Task',
  Resource: LAMBDA,
  Arguments: {
    FunctionName,
    Payload: { fleetId: '{% $fleetId %}', plan: '{% $exists($plan) ? $plan : null %}' },
  },
  TimeoutSeconds: 60,
  Retry: retry,
  Catch: [toAlarm],
  ...extra,
});

/** In the shape of what CDK synthesizes for a scheduler: plan, act, wait for a token under a fixed time limit. */
const scheduler = jsonata({
  StartAt: 'Read start',
  TimeoutSeconds: 86_400,
  States: {
    'Read start': {
      Type: 'Pass',
      Assign: { fleetId: '{% $states.input.fleetId %}', gen: '{% $states.input.gen %}', turns: 0 },
      Next: 'Plan',
    },
    Plan: call('plan', {
      Assign: { plan: '{% $states.result.Payload %}', turns: '{% $turns + 1 %}' },
      Next: 'Act',
    }),
    Act: call('act', { Next: 'Decide' }),
    Decide: {
      Type: 'Choice',
      Choices: [
        { Condition: "{% $plan.kind = 'idle' %}", Next: 'Stop' },
        { Condition: "{% $plan.kind = 'continue-as-new' %}", Next: 'Continue as new' },
        { Condition: "{% $plan.kind = 'settle-down' %}", Next: 'Wait a little' },
      ],
      Default: 'Wait for a wake-up',
    },
    'Wait a little': { Type: 'Wait', Seconds: 15, Next: 'Plan' },
    'Wait for a wake-up': {
      Type: 'Task',
      Resource: LAMBDA_TOKEN,
      Arguments: { FunctionName: 'register', Payload: { token: '{% $states.context.Task.Token %}' } },
      TimeoutSeconds: 60,
      Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], MaxAttempts: 2 }],
      Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Plan' }, toAlarm],
      Next: 'Plan',
    },
    'Continue as new': {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution',
      Arguments: {
        StateMachineArn: '{% $states.context.StateMachine.Id %}',
        Name: "{% $fleetId & '-' & $string($gen + 1) %}",
        Input: { fleetId: '{% $fleetId %}', gen: '{% $gen + 1 %}' },
      },
      Retry: retry,
      Catch: [{ ErrorEquals: ['StepFunctions.ExecutionAlreadyExistsException'], Next: 'Stop' }, toAlarm],
      Next: 'Stop',
    },
    Stop: { Type: 'Succeed', Output: { turns: '{% $turns %}' } },
    'Raise alarm': { Type: 'Fail', Error: 'SchedulerFailed', Cause: '{% $states.input.Error %}' },
  },
});

let stack: Stack;
let plans: string[];
let waiting: string[];
let acted: number;
let failures: number;

beforeEach(async () => {
  [plans, waiting, acted, failures] = [[], [], 0, 0];
  stack = await startStack({
    plan: () => succeed({ kind: plans.shift() ?? 'idle' }),
    act: () => {
      acted += 1;
      if (failures === 0) return succeed({});
      failures -= 1;
      return failWith('Throttled');
    },
    register: ({ token }: { token: string }) => {
      waiting.push(token);
      return succeed({});
    },
  });
  stack.create('fleet-scheduler', scheduler);
});
afterEach(() => stack.close());

const startLoop = () => stack.start('fleet-scheduler', { fleetId: 'fleet', gen: 1 }, 'fleet-1');

describe('a scheduler loop', () => {
  it('plans again after a wake-up, after its time limit and after a wait, then stops', async () => {
    plans = ['await', 'await', 'settle-down', 'idle'];
    const arn = await startLoop();
    await stack.client.send(new SendTaskSuccessCommand({ taskToken: waiting[0], output: '{}' }));
    await settled();
    expect(acted).toBe(2);
    await stack.clock.advance(60_000);
    expect(acted).toBe(3);
    await stack.clock.advance(15_000);
    expect(await stack.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: '{"turns":4}' });
  });

  it('retries a failing step, and ends in the alarm when it fails on', async () => {
    plans = ['await'];
    failures = 2;
    const arn = await startLoop();
    await stack.clock.advance(500);
    await stack.clock.advance(1000);
    expect(waiting).toHaveLength(1);
    failures = 3;
    await stack.clock.advance(60_000);
    await stack.clock.advance(1500);
    expect(await stack.describe(arn)).toMatchObject({ error: 'SchedulerFailed', cause: 'Throttled' });
  });

  it('continues as a new execution, once', async () => {
    plans = ['continue-as-new', 'await'];
    const first = await startLoop();
    expect((await stack.describe(first)).status).toBe('SUCCEEDED');
    expect(typesOf(await stack.history(first))).not.toContain('TaskFailed');
    const second = await stack.describe(first.replace(/-1$/, '-2'));
    expect(second).toMatchObject({
      status: 'RUNNING',
      name: 'fleet-2',
      input: '{"fleetId":"fleet","gen":2}',
    });
    await stack.client.send(new StopExecutionCommand({ executionArn: second.executionArn }));
    plans = ['continue-as-new'];
    const rival = await stack.start('fleet-scheduler', { fleetId: 'fleet', gen: 1 }, 'rival');
    await stack.clock.advance(1500);
    expect((await stack.describe(rival)).status).toBe('SUCCEEDED');
    const failed = (await stack.history(rival)).find((event) => event.type === 'TaskFailed');
    expect(failed?.taskFailedEventDetails?.error).toBe('StepFunctions.ExecutionAlreadyExistsException');
    const listed = new ListExecutionsCommand({ stateMachineArn: machineArn('fleet-scheduler') });
    expect((await stack.client.send(listed)).executions).toHaveLength(3);
  });
});

it('fails an execution that reaches 25,000 events, past every Retry and Catch', async () => {
  const loop = {
    StartAt: 'Work',
    States: {
      Work: {
        Type: 'Task',
        Resource: LAMBDA,
        Arguments: { FunctionName: 'act' },
        Retry: [{ ErrorEquals: ['States.ALL'] }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'End' }],
        Next: 'Work or end',
      },
      'Work or end': {
        Type: 'Choice',
        Choices: [{ Condition: '{% true %}', Next: 'Work' }],
        Default: 'End',
      },
      End: { Type: 'Succeed' },
    },
  };
  stack.create('endless', jsonata(loop));
  const ended = await stack.run('endless');
  expect(ended).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: 'The execution reached the maximum number of history events (25000).',
  });
  // 7 events a turn fit 3,571 times into what the first and the last event leave.
  expect(acted).toBe(3571);
});
