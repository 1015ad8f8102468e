import { ListContainerInstancesCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { afterEach, expect, it, vi } from 'vitest';
import { startTestStack, type TestStack } from './test-stack.ts';

let stack: TestStack;

afterEach(() => stack.close());

const post = (path: string, body: unknown) =>
  fetch(`${stack.ecs.url}/_local/${path}`, { method: 'POST', body: JSON.stringify(body) });
const interruptionsOf = () => stack.events.filter((event) => event.source === 'aws.ec2');
const instances = async () =>
  (await stack.client.send(new ListContainerInstancesCommand({ cluster: 'Main' }))).containerInstanceArns ??
  [];

it('shows a notice on IMDS and as an event, ends the instance then, and the task as SpotInterruption', async () => {
  stack = await startTestStack();
  const arn = await stack.run('watch');
  await stack.untilLine('ready');
  const { instanceId } = stack.ecs.interrupt({ task: arn, noticeMs: 500 });
  expect(interruptionsOf()).toEqual([
    {
      source: 'aws.ec2',
      detailType: 'EC2 Spot Instance Interruption Warning',
      resources: [`arn:aws:ec2:eu-west-1:123456789012:instance/${instanceId}`],
      detail: { 'instance-id': instanceId, 'instance-action': 'terminate' },
    },
  ]);
  await stack.untilLine('notice');
  const notice = stack.lines.find((line) => line.startsWith('notice '))?.slice('notice '.length) ?? '';
  expect(JSON.parse(notice)).toEqual({
    action: 'terminate',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  await stack.until(arn, 'STOPPED');
  await stack.untilLine('got SIGTERM');
  expect(await stack.describe(arn)).toMatchObject({
    stopCode: 'SpotInterruption',
    stoppedReason: `Host EC2 (instance ${instanceId}) terminated.`,
    containers: [{ exitCode: 9 }],
  });
  const versions = stack.changesOf(arn).map((change) => change['version']);
  expect(versions).toEqual(versions.map((_, index) => index + 1));
  await vi.waitUntil(async () => (await instances()).length === 0);
});

it('kills what outlives the shutdown of its instance', async () => {
  stack = await startTestStack({ shutdownGraceMs: 400 });
  const arn = await stack.run('stubborn');
  await stack.untilLine('ready');
  await post('interrupt', { task: arn, noticeMs: 0, notice: false });
  await stack.until(arn, 'STOPPED');
  expect(interruptionsOf()).toEqual([]);
  await stack.untilLine('ignored SIGTERM');
  expect((await stack.describe(arn))?.containers?.[0]?.exitCode).toBe(137);
});

it('loses an instance at once when told to kill it', async () => {
  stack = await startTestStack();
  const arn = await stack.run('graceful');
  await stack.untilLine('ready');
  const answer = await post('interrupt', { task: arn, kill: true });
  expect(answer.status).toBe(200);
  await stack.until(arn, 'STOPPED');
  expect(stack.lines).not.toContain('got SIGTERM');
  expect(await stack.describe(arn)).toMatchObject({ stopCode: 'SpotInterruption' });
});

it('does not interrupt an on-demand instance', async () => {
  stack = await startTestStack();
  const arn = await stack.run('stay', { capacityProviderStrategy: [{ capacityProvider: 'steady' }] });
  await stack.until(arn, 'RUNNING');
  const answer = await post('interrupt', { task: arn });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining('on-demand') });
  const unknown = await post('interrupt', { instance: 'i-none' });
  expect(unknown.status).toBe(400);
});

it('keeps tasks in PROVISIONING until capacity comes', async () => {
  stack = await startTestStack();
  await post('spot-capacity', { provider: 'spot', slots: 0 });
  const arn = await stack.run('exit');
  expect((await stack.describe(arn))?.lastStatus).toBe('PROVISIONING');
  expect(await instances()).toEqual([]);
  stack.ecs.setSpotCapacity('spot', 1);
  await stack.until(arn, 'STOPPED');
  expect((await stack.describe(arn))?.stopCode).toBe('EssentialContainerExited');
});

it('gives a task up that no capacity came for', async () => {
  stack = await startTestStack({ provisioningTimeoutMs: 30 });
  stack.ecs.setSpotCapacity('spot', 0);
  const arn = await stack.run('exit');
  await stack.until(arn, 'STOPPED');
  expect(await stack.describe(arn)).toMatchObject({
    stopCode: 'TaskFailedToStart',
    stoppedReason: 'No instance of spot came within 0.03 s',
  });
  stack.ecs.setSpotCapacity('spot', 1);
  expect(await instances()).toEqual([]);
});

it('stops a task that still waits', async () => {
  stack = await startTestStack();
  stack.ecs.setSpotCapacity('spot', 0);
  const arn = await stack.run('stay');
  await stack.client.send(new StopTaskCommand({ cluster: 'Main', task: arn }));
  expect(await stack.describe(arn)).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'UserInitiated' });
});

it('runs at most one task on an instance, and as many instances as the group may have', async () => {
  stack = await startTestStack();
  const arns = await Promise.all([stack.run('stay'), stack.run('stay'), stack.run('exit')]);
  const [first = '', second = '', third = ''] = arns;
  await stack.until(first, 'RUNNING');
  await stack.until(second, 'RUNNING');
  expect((await stack.describe(third))?.lastStatus).toBe('PROVISIONING');
  const before = await instances();
  expect(before).toHaveLength(2);
  await stack.client.send(new StopTaskCommand({ cluster: 'Main', task: first }));
  await stack.until(third, 'STOPPED');
  expect(await instances()).toEqual(before);
  const { instances: listed } = (await (await fetch(`${stack.ecs.url}/_local/instances`)).json()) as {
    instances: { taskId: string | null }[];
  };
  expect(listed.map(({ taskId }) => taskId).toSorted()).toEqual([second.split('/').at(-1), null].toSorted());
});

it('gives an instance back that stayed without a task', async () => {
  stack = await startTestStack({ instanceIdleMs: 10 });
  const arn = await stack.run('exit');
  await stack.until(arn, 'STOPPED');
  await vi.waitUntil(async () => (await instances()).length === 0);
});

it('places no task on an instance that is under notice', async () => {
  stack = await startTestStack();
  stack.ecs.setSpotCapacity('spot', 1);
  const first = await stack.run('graceful');
  await stack.untilLine('ready');
  stack.ecs.interrupt({ task: first, noticeMs: 600_000 });
  await stack.client.send(new StopTaskCommand({ cluster: 'Main', task: first }));
  await stack.until(first, 'STOPPED');
  const second = await stack.run('exit');
  expect((await stack.describe(second))?.lastStatus).toBe('PROVISIONING');
  stack.ecs.setSpotCapacity('spot', 2);
  await stack.until(second, 'STOPPED');
  const [one, two] = await Promise.all([stack.describe(first), stack.describe(second)]);
  expect(two?.stopCode).toBe('EssentialContainerExited');
  expect(two?.containerInstanceArn).not.toBe(one?.containerInstanceArn);
});

it('starts nothing once frozen, even where a task that ends leaves its instance', async () => {
  stack = await startTestStack();
  const first = await stack.run('graceful');
  await stack.untilLine('ready');
  stack.ecs.freeze();
  const second = await stack.run('graceful');
  await stack.client.send(new StopTaskCommand({ cluster: 'Main', task: first }));
  await stack.until(first, 'STOPPED');
  expect((await stack.describe(second))?.lastStatus).toBe('PROVISIONING');
});

it('sends one SIGTERM, however often a task is stopped', async () => {
  stack = await startTestStack({ shutdownGraceMs: 400 });
  const arn = await stack.run('stubborn');
  await stack.untilLine('ready');
  const stop = new StopTaskCommand({ cluster: 'Main', task: arn });
  await stack.client.send(stop);
  await stack.untilLine('ignored SIGTERM');
  await stack.client.send(stop);
  await post('interrupt', { task: arn, noticeMs: 0, notice: false });
  await stack.until(arn, 'STOPPED');
  expect(stack.lines.filter((line) => line === 'ignored SIGTERM')).toHaveLength(2);
});
