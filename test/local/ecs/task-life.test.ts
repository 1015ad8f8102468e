import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { StopTaskCommand, waitUntilTasksStopped } from '@aws-sdk/client-ecs';
import { afterEach, expect, it, vi } from 'vitest';
import { startTestStack, type TestStack } from './test-stack.ts';

let stack: TestStack;

afterEach(() => stack.close());

it('runs a task to its end: exit code, instants, and one event for each change in order of version', async () => {
  stack = await startTestStack();
  const arn = await stack.run('exit', { startedBy: 'fleet-a' });
  await waitUntilTasksStopped(
    { client: stack.client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 },
    { cluster: 'Main', tasks: [arn] },
  );
  const task = await stack.describe(arn);
  expect(task).toMatchObject({
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    capacityProviderName: 'spot',
    launchType: 'EC2',
    startedBy: 'fleet-a',
    group: 'family:Work',
    startedAt: expect.any(Date),
    stoppedAt: expect.any(Date),
    containers: [{ name: 'agent', exitCode: 7, lastStatus: 'STOPPED' }],
  });
  const changes = stack.changesOf(arn);
  expect(changes.map((change) => change['version'])).toEqual(changes.map((_, index) => index + 1));
  expect([...new Set(changes.map((change) => change['lastStatus']))]).toEqual([
    'PROVISIONING',
    'PENDING',
    'RUNNING',
    'DEPROVISIONING',
    'STOPPED',
  ]);
  expect(changes.at(-1)).toMatchObject({
    taskArn: arn,
    version: task?.version,
    startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    stopCode: 'EssentialContainerExited',
  });
});

it('gives a container its directory, environment, command, metadata endpoint and IMDSv2', async () => {
  stack = await startTestStack();
  const arn = await stack.run('tell');
  await stack.untilLine('facts');
  const told = JSON.parse(stack.lines.find((line) => line.includes('facts')) ?? '');
  expect(told).toMatchObject({
    facts: [expect.stringMatching(/^i-[0-9a-f]{17}$/), 'g6.xlarge', 'spot', 'eu-west-1a'],
    task: {
      ...{ TaskARN: arn, Family: 'Work', Revision: '3', Cluster: expect.stringContaining('cluster/Main') },
      ...{ PullStartedAt: expect.stringMatching(/Z$/), PullStoppedAt: expect.stringMatching(/Z$/) },
    },
    container: 'agent',
    env: { base: 'base', over: 'override', fixed: 'stack' },
    v1: 401,
    rebalance: 404,
    argv: ['plain'],
  });
  expect(told.cwd).toBe(realpathSync(join(stack.imageRoot, 'app')));
});

it('lets each task act under the role of its own definition', async () => {
  stack = await startTestStack({ actingAs: (arn) => ({ ROLE: arn }) });
  await stack.run('tell');
  await stack.run('', { taskDefinition: 'Pair' });
  await stack.untilLine('"role":"arn:aws:iam::123456789012:role/Worker"');
  await stack.untilLine('started arn:aws:iam::123456789012:role/Twin');
});

it('stops a task with SIGTERM and keeps its own exit code', async () => {
  stack = await startTestStack();
  const arn = await stack.run('graceful');
  await stack.untilLine('ready');
  const { task } = await stack.client.send(
    new StopTaskCommand({ cluster: 'Main', task: arn, reason: 'enough' }),
  );
  expect(task).toMatchObject({ desiredStatus: 'STOPPED', lastStatus: 'RUNNING' });
  await stack.until(arn, 'STOPPED');
  await stack.untilLine('got SIGTERM');
  expect(await stack.describe(arn)).toMatchObject({
    stopCode: 'UserInitiated',
    stoppedReason: 'enough',
    containers: [{ exitCode: 0 }],
  });
});

it('kills what does not end within its stop timeout', async () => {
  stack = await startTestStack();
  const arn = await stack.run('stubborn');
  await stack.untilLine('ready');
  await stack.client.send(new StopTaskCommand({ cluster: 'Main', task: arn }));
  await stack.until(arn, 'STOPPED');
  await stack.untilLine('ignored SIGTERM');
  expect((await stack.describe(arn))?.containers?.[0]?.exitCode).toBe(137);
});

it('says which container cannot be started, and why', async () => {
  stack = await startTestStack();
  const arn = await stack.run('exit', { taskDefinition: 'Bare' });
  await stack.until(arn, 'STOPPED');
  expect(await stack.describe(arn)).toMatchObject({
    stopCode: 'TaskFailedToStart',
    stoppedReason: expect.stringMatching(/container agent has neither EntryPoint nor Command/),
  });
});

it('goes on when a container ends that is not essential', async () => {
  stack = await startTestStack();
  const arn = await stack.run('', { taskDefinition: 'Pair' });
  await vi.waitUntil(async () => (await stack.describe(arn))?.containers?.[1]?.exitCode === 3);
  expect(await stack.describe(arn)).toMatchObject({
    lastStatus: 'RUNNING',
    containers: [{ lastStatus: 'RUNNING' }, { lastStatus: 'STOPPED' }],
  });
  await stack.client.send(new StopTaskCommand({ cluster: 'Main', task: arn }));
  await stack.until(arn, 'STOPPED');
  expect((await stack.describe(arn))?.containers).toMatchObject([{ exitCode: 143 }, { exitCode: 3 }]);
});

it('kills what still runs when the stack is closed', async () => {
  stack = await startTestStack();
  const arn = await stack.run('stubborn');
  await stack.untilLine('ready');
  await stack.ecs.close();
  expect(stack.changesOf(arn).at(-1)).toMatchObject({
    lastStatus: 'STOPPED',
    containers: [{ exitCode: 137 }],
  });
});
