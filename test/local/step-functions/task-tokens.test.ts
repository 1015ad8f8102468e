import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settled } from './fake-clock.ts';
import { failWith, jsonata, LAMBDA_TOKEN, type Stack, startStack, succeed, typesOf } from './stack.ts';

let stack: Stack;
let token: string;
let whenInvoked: (token: string) => Promise<unknown>;
let outcome: ReturnType<typeof succeed>;

beforeEach(async () => {
  whenInvoked = async () => undefined;
  outcome = succeed(null);
  stack = await startStack({
    waiter: async (payload: { token: string }) => {
      token = payload.token;
      await whenInvoked(token);
      return outcome;
    },
  });
  const Arguments = { FunctionName: 'waiter', Payload: { token: '{% $states.context.Task.Token %}' } };
  const state = { Type: 'Task', Resource: LAMBDA_TOKEN, Arguments, End: true };
  stack.create('m', jsonata({ StartAt: 'Await', States: { Await: state } }));
});
afterEach(() => stack.close());

function sendSuccess(taskToken: string, output = '{"woken":true}') {
  return stack.client.send(new SendTaskSuccessCommand({ taskToken, output }));
}

it('goes on with the output that the token was sent', async () => {
  const arn = await stack.start('m');
  expect(token.length).toBeGreaterThan(300);
  expect(token.length).toBeLessThanOrEqual(2048);
  await sendSuccess(token);
  await settled();
  expect((await stack.describe(arn)).output).toBe('{"woken":true}');
  expect(typesOf(await stack.history(arn))).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
});

it('fails with the error and cause that the token was sent', async () => {
  const arn = await stack.start('m');
  await stack.client.send(new SendTaskFailureCommand({ taskToken: token, error: 'Mine', cause: 'why' }));
  await settled();
  expect(await stack.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Mine', cause: 'why' });
});

it('goes on when the token is sent before its function has answered', async () => {
  whenInvoked = (taskToken) => sendSuccess(taskToken);
  outcome = failWith('TooLate');
  expect((await stack.run('m')).status).toBe('SUCCEEDED');
});

it('fails when its function fails', async () => {
  outcome = failWith('Broken', 'no waiter');
  const arn = await stack.start('m');
  expect(await stack.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Broken', cause: 'no waiter' });
  await expect(sendSuccess(token)).rejects.toMatchObject({ name: 'TaskTimedOut' });
});

describe('a token that no task waits for', () => {
  it('answers TaskTimedOut once its task is over, also after a restart', async () => {
    await stack.start('m');
    await sendSuccess(token);
    await expect(sendSuccess(token)).rejects.toMatchObject({
      name: 'TaskTimedOut',
      message: expect.stringContaining('does not exist anymore'),
    });
    await stack.start('m');
    stack = await stack.restart();
    const heartbeat = new SendTaskHeartbeatCommand({ taskToken: token });
    await expect(stack.client.send(heartbeat)).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });

  it('answers TaskDoesNotExist for a token of another database, InvalidToken for garbage', async () => {
    await stack.start('m');
    const other = await startStack();
    const heartbeat = (taskToken: string) => other.client.send(new SendTaskHeartbeatCommand({ taskToken }));
    await expect(heartbeat(token)).rejects.toMatchObject({ name: 'TaskDoesNotExist' });
    await expect(heartbeat('garbage')).rejects.toMatchObject({ name: 'InvalidToken' });
    await expect(heartbeat('x'.repeat(2049))).rejects.toMatchObject({ name: 'ValidationException' });
    await other.close();
  });

  it('refuses output that is not JSON and leaves the task waiting', async () => {
    const arn = await stack.start('m');
    await expect(sendSuccess(token, '{')).rejects.toMatchObject({ name: 'InvalidOutput' });
    expect((await stack.describe(arn)).status).toBe('RUNNING');
    await sendSuccess(token);
    await settled();
    expect((await stack.describe(arn)).status).toBe('SUCCEEDED');
  });
});
