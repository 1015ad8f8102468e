import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExecutionEnded } from '../../../local/step-functions/server.ts';
import { jsonata, machineArn, type Stack, startStack, typesOf } from './stack.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const wait = jsonata({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 60, End: true } } });
const pass = jsonata({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } });

let stack: Stack;
let ended: ExecutionEnded[];

beforeEach(async () => {
  ended = [];
  stack = await startStack({}, { onExecutionEnded: (event) => ended.push(event) });
  stack.create('wait', wait);
  stack.create('pass', pass);
});
afterEach(() => stack.close());

function start(name: string, executionName?: string, input = '{}') {
  return stack.client.send(
    new StartExecutionCommand({ stateMachineArn: machineArn(name), name: executionName, input }),
  );
}

describe('StartExecution', () => {
  it('answers a repeated start of the same name and input while it runs', async () => {
    const first = await start('wait', 'one', '{"a":1}');
    await stack.clock.advance(10);
    const again = await start('wait', 'one', '{"a":1}');
    expect(again).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    await expect(start('wait', 'one', '{"a":2}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  it('keeps a name for 90 days after the execution ended', async () => {
    await stack.start('pass', {}, 'one');
    await expect(start('pass', 'one')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await stack.clock.advance(90 * DAY_MS);
    await expect(start('pass', 'one')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await stack.clock.advance(1);
    await expect(start('pass', 'one')).resolves.toBeDefined();
  });

  it.each(['with space', 'a:b', 'a/b', 'ends\n'])('refuses the name %j', async (name) => {
    await expect(start('pass', name)).rejects.toMatchObject({ name: 'InvalidName' });
  });

  it('refuses a name over 80 characters and takes one of 80', async () => {
    await expect(start('pass', 'x'.repeat(81))).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(start('pass', 'x'.repeat(80))).resolves.toBeDefined();
  });

  it('refuses input that is not JSON, or larger than 256 KiB', async () => {
    await expect(start('pass', 'a', '{')).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    const large = JSON.stringify('x'.repeat(256 * 1024 - 1));
    await expect(start('pass', 'b', large)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(start('pass', 'c', JSON.stringify('x'.repeat(256 * 1024 - 2)))).resolves.toBeDefined();
  });

  it('refuses a state machine that there is not', async () => {
    await expect(start('absent')).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });
});

describe('StopExecution', () => {
  it('aborts what runs and leaves what ended', async () => {
    const arn = await stack.start('wait');
    const stop = (cause: string) =>
      stack.client.send(new StopExecutionCommand({ executionArn: arn, error: 'Enough', cause }));
    await stop('first');
    await stop('second');
    expect(stack.clock.pendingDelaysMs()).toEqual([]);
    expect(await stack.describe(arn)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'first' });
    expect(typesOf(await stack.history(arn)).at(-1)).toBe('ExecutionAborted');
    const instant = stack.clock.nowMs();
    expect(ended).toEqual([
      expect.objectContaining({
        executionArn: arn,
        status: 'ABORTED',
        startDate: instant,
        stopDate: instant,
      }),
    ]);
  });
});

describe('lists and descriptions', () => {
  it('lists executions newest first, by status and in pages', async () => {
    for (const name of ['a', 'b', 'c']) await stack.start('wait', {}, name);
    await stack.clock.advance(60_000);
    await stack.start('wait', {}, 'd');
    const list = async (extra: object) => {
      const page = await stack.client.send(
        new ListExecutionsCommand({ stateMachineArn: machineArn('wait'), ...extra }),
      );
      return { names: page.executions?.map(({ name }) => name), nextToken: page.nextToken };
    };
    expect((await list({ statusFilter: 'RUNNING' })).names).toEqual(['d']);
    const first = await list({ statusFilter: 'SUCCEEDED', maxResults: 2 });
    expect(first.names).toEqual(['c', 'b']);
    const rest = await list({ statusFilter: 'SUCCEEDED', maxResults: 2, nextToken: first.nextToken });
    expect(rest).toEqual({ names: ['a'], nextToken: undefined });
  });

  it('describes and lists state machines', async () => {
    const { stateMachines } = await stack.client.send(new ListStateMachinesCommand({}));
    expect(stateMachines?.map(({ name }) => name)).toEqual(['wait', 'pass']);
    const described = await stack.client.send(
      new DescribeStateMachineCommand({ stateMachineArn: machineArn('wait') }),
    );
    expect(described).toMatchObject({ name: 'wait', type: 'STANDARD', definition: JSON.stringify(wait) });
  });

  it('pages through a history in both directions', async () => {
    const executionArn = await stack.start('pass', { n: 1 });
    const all = await stack.history(executionArn);
    expect(typesOf(all)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
    expect(all[1]).toMatchObject({
      id: 2,
      previousEventId: 1,
      stateEnteredEventDetails: { name: 'P', input: '{"n":1}' },
    });
    const last = await stack.client.send(
      new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 }),
    );
    expect(last.events?.[0]?.executionSucceededEventDetails?.output).toBe('{"n":1}');
    expect(last.nextToken).toBeDefined();
  });

  it('answers ExecutionDoesNotExist, and names an action that it does not have', async () => {
    const describeAbsent = new DescribeExecutionCommand({ executionArn: 'arn:absent' });
    await expect(stack.client.send(describeAbsent)).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
    const answer = await fetch(stack.server.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'AWSStepFunctions.CreateActivity' },
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: 'UnknownOperationException' });
  });
});

describe('a restart', () => {
  it('aborts what ran, tells so, and keeps names taken', async () => {
    const running = await stack.start('wait', {}, 'ran');
    const done = await stack.start('pass', { n: 1 }, 'done');
    ended = [];
    stack = await stack.restart();
    stack.create('wait', wait);
    stack.create('pass', pass);
    expect(await stack.describe(running)).toMatchObject({
      status: 'ABORTED',
      cause: 'The local stack stopped while it ran.',
    });
    expect(ended.map((event) => [event.executionArn, event.status])).toEqual([[running, 'ABORTED']]);
    expect(await stack.describe(done)).toMatchObject({ status: 'SUCCEEDED', output: '{"n":1}' });
    await expect(start('pass', 'done')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await expect(start('wait', 'ran')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    expect(typesOf(await stack.history(done))).toEqual(['ExecutionStarted', 'ExecutionSucceeded']);
  });
});
