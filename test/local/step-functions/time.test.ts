import { SendTaskHeartbeatCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settled } from './fake-clock.ts';
import {
  failWith,
  jsonata,
  LAMBDA,
  LAMBDA_TOKEN,
  type Stack,
  startStack,
  succeed,
  typesOf,
} from './stack.ts';

const DAY_S = 24 * 60 * 60;

let stack: Stack;
let invocations: number;
let tokens: string[];
let error: string;

beforeEach(async () => {
  invocations = 0;
  tokens = [];
  error = 'Flaky';
  stack = await startStack({
    failing: () => {
      invocations += 1;
      return failWith(error, 'no');
    },
    silent: () => new Promise(() => undefined),
    waiter: ({ token }: { token: string }) => {
      tokens.push(token);
      return succeed(null);
    },
  });
});
afterEach(() => stack.close());

/** One task that, when a Catch covers its failure, ends in "Caught" with what the Catch gave. */
function caught(task: object, errorEquals: string[], extra: object = {}): object {
  return jsonata({
    StartAt: 'Work',
    States: {
      Work: { Type: 'Task', End: true, Catch: [{ ErrorEquals: errorEquals, Next: 'Caught' }], ...task },
      Caught: { Type: 'Succeed' },
    },
    ...extra,
  });
}

const failing = (Retry: object[]) => ({ Resource: LAMBDA, Arguments: { FunctionName: 'failing' }, Retry });
const waiting = (limits: object) => ({
  Resource: LAMBDA_TOKEN,
  Arguments: { FunctionName: 'waiter', Payload: { token: '{% $states.context.Task.Token %}' } },
  ...limits,
});

describe('Wait', () => {
  it('waits longer than a timer of Node can', async () => {
    const Seconds = '{% $states.input.seconds %}';
    stack.create('m', jsonata({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds, End: true } } }));
    const arn = await stack.start('m', { seconds: 60 * DAY_S });
    await stack.clock.advance(60 * DAY_S * 1000 - 1);
    expect((await stack.describe(arn)).status).toBe('RUNNING');
    await stack.clock.advance(1);
    expect((await stack.describe(arn)).status).toBe('SUCCEEDED');
  });

  it('waits until an instant', async () => {
    const Timestamp = '{% $fromMillis($millis() + 5000) %}';
    stack.create('m', jsonata({ StartAt: 'W', States: { W: { Type: 'Wait', Timestamp, End: true } } }));
    await stack.start('m');
    expect(stack.clock.pendingDelaysMs()).toEqual([5000]);
  });
});

describe('Retry', () => {
  it('grows the delay up to MaxDelaySeconds and then lets Catch handle it', async () => {
    const retry = { ErrorEquals: ['Flaky'], IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10 };
    stack.create('m', caught(failing([retry]), ['States.ALL']));
    const arn = await stack.start('m');
    for (const delayMs of [2000, 6000, 10_000]) {
      expect(stack.clock.pendingDelaysMs()).toEqual([delayMs]);
      await stack.clock.advance(delayMs);
    }
    expect(invocations).toBe(4);
    expect((await stack.describe(arn)).output).toBe('{"Error":"Flaky","Cause":"no"}');
  });

  it('spreads the delay with full jitter', async () => {
    const retry = { ErrorEquals: ['States.ALL'], IntervalSeconds: 8, MaxAttempts: 1, JitterStrategy: 'FULL' };
    stack.create('m', caught(failing([retry]), ['States.ALL']));
    await stack.start('m');
    expect(stack.clock.pendingDelaysMs()).toEqual([4000]);
  });

  it('counts each entry of Retry on its own and shows the sum in the context', async () => {
    const task = failing([
      { ErrorEquals: ['Flaky'], MaxAttempts: 1 },
      { ErrorEquals: ['States.TaskFailed'], MaxAttempts: 1 },
    ]);
    const Arguments = { FunctionName: 'failing', Payload: '{% $states.context.State.RetryCount %}' };
    stack.create('m', caught({ ...task, Arguments }, ['States.ALL']));
    const arn = await stack.start('m');
    error = 'Other';
    await stack.clock.advance(1000);
    await stack.clock.advance(1000);
    expect(invocations).toBe(3);
    expect((await stack.describe(arn)).output).toContain('Other');
    const scheduled = (await stack.history(arn)).flatMap((event) => event.taskScheduledEventDetails ?? []);
    expect(scheduled.map(({ parameters }) => JSON.parse(parameters ?? '').Payload)).toEqual([0, 1, 2]);
  });
});

describe('time limits of a Task', () => {
  const silent = { Resource: LAMBDA, Arguments: { FunctionName: 'silent' }, TimeoutSeconds: 15 };

  it('fails with States.Timeout, which States.TaskFailed does not cover', async () => {
    stack.create('m', caught(silent, ['States.TaskFailed']));
    const arn = await stack.start('m');
    await stack.clock.advance(15_000);
    expect(await stack.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });

  it('catches States.Timeout first, with Assign and Output', async () => {
    const Catch = [
      { ErrorEquals: ['States.Timeout'], Next: 'Caught', Output: { why: '{% $states.errorOutput.Error %}' } },
      { ErrorEquals: ['States.ALL'], Next: 'Caught', Output: { why: 'all' } },
    ];
    stack.create('m', caught({ ...silent, TimeoutSeconds: '{% 5 + 10 %}', Catch }, []));
    const arn = await stack.start('m');
    await stack.clock.advance(15_000);
    expect((await stack.describe(arn)).output).toBe('{"why":"States.Timeout"}');
    expect(typesOf(await stack.history(arn))).toContain('TaskTimedOut');
  });

  it('fails with States.HeartbeatTimeout when a heartbeat is missed, and not before', async () => {
    stack.create(
      'm',
      caught(waiting({ HeartbeatSeconds: 10, TimeoutSeconds: 100 }), ['States.HeartbeatTimeout']),
    );
    const arn = await stack.start('m');
    await stack.clock.advance(9000);
    await stack.client.send(new SendTaskHeartbeatCommand({ taskToken: tokens[0] }));
    await stack.clock.advance(9999);
    expect((await stack.describe(arn)).status).toBe('RUNNING');
    await stack.clock.advance(1);
    expect((await stack.describe(arn)).output).toContain('States.HeartbeatTimeout');
  });

  it('gives each retry a token of its own, and the old one is over', async () => {
    const Retry = [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1 }];
    stack.create('m', caught(waiting({ TimeoutSeconds: 60, Retry }), ['States.ALL']));
    const arn = await stack.start('m');
    await stack.clock.advance(61_000);
    const [first, second] = tokens;
    const send = (taskToken: string | undefined) =>
      stack.client.send(new SendTaskSuccessCommand({ taskToken, output: '"done"' }));
    await expect(send(first)).rejects.toMatchObject({ name: 'TaskTimedOut' });
    await send(second);
    await settled();
    expect((await stack.describe(arn)).output).toBe('"done"');
  });
});

it('ends the execution as TIMED_OUT after the TimeoutSeconds of the machine', async () => {
  stack.create('m', caught(waiting({}), ['States.ALL'], { TimeoutSeconds: 30 }));
  const arn = await stack.start('m');
  await stack.clock.advance(30_000);
  expect(await stack.describe(arn)).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
  expect(typesOf(await stack.history(arn)).at(-1)).toBe('ExecutionTimedOut');
  expect(stack.clock.pendingDelaysMs()).toEqual([]);
});
