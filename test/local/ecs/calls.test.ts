import {
  DescribeCapacityProvidersCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  paginateListTasks,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { runInput, startTestStack, type TestStack } from './test-stack.ts';

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});

afterEach(async () => {
  const { taskArns = [] } = await stack.client.send(new ListTasksCommand({ cluster: 'Main' }));
  for (const task of taskArns) await stack.client.send(new StopTaskCommand({ cluster: 'Main', task }));
});

afterAll(() => stack.close());

const runTasks = async (more: Partial<RunTaskCommandInput>) => {
  const { tasks = [] } = await stack.client.send(new RunTaskCommand(runInput('stay', more)));
  return tasks.map((task) => task.taskArn ?? '');
};

it('answers the same client token and parameters with the same tasks', async () => {
  const first = await runTasks({ clientToken: 'token-1', count: 2 });
  expect(first).toHaveLength(2);
  expect(await runTasks({ clientToken: 'token-1', count: 2 })).toEqual(first);
  expect(await runTasks({ clientToken: 'token-2', count: 2 })).not.toEqual(first);
  await expect(runTasks({ clientToken: 'token-1', count: 1 })).rejects.toMatchObject({
    name: 'ConflictException',
    message: expect.stringContaining('token-1'),
    resourceIds: first.map((arn) => arn.split('/').at(-1)),
  });
});

it.each<[string, Partial<RunTaskCommandInput>, string]>([
  [
    'two capacity providers',
    { capacityProviderStrategy: [{ capacityProvider: 'spot' }, { capacityProvider: 'steady' }] },
    'InvalidParameterException',
  ],
  ['no capacity provider', { capacityProviderStrategy: [] }, 'InvalidParameterException'],
  ['a launch type', { launchType: 'EC2' }, 'InvalidParameterException'],
  [
    'an unknown capacity provider',
    { capacityProviderStrategy: [{ capacityProvider: 'x' }] },
    'InvalidParameterException',
  ],
  ['eleven tasks', { count: 11 }, 'InvalidParameterException'],
  ['a long startedBy', { startedBy: 'x'.repeat(129) }, 'InvalidParameterException'],
  ['a long client token', { clientToken: 'x'.repeat(65) }, 'InvalidParameterException'],
  [
    'long overrides',
    { overrides: { containerOverrides: [{ name: 'agent', command: ['x'.repeat(8_192)] }] } },
    'InvalidParameterException',
  ],
  [
    'an override of no container',
    { overrides: { containerOverrides: [{ name: 'x' }] } },
    'InvalidParameterException',
  ],
  ['an unknown cluster', { cluster: 'x' }, 'ClusterNotFoundException'],
  ['an unknown task definition', { taskDefinition: 'x' }, 'ClientException'],
])('refuses to run with %s', async (_, more, name) => {
  await expect(runTasks(more)).rejects.toMatchObject({ name });
  const { taskArns } = await stack.client.send(new ListTasksCommand({ cluster: 'Main' }));
  expect(taskArns).toEqual([]);
});

it('lists tasks by what started them, by family and by desired status, in pages', async () => {
  const mine = await runTasks({ count: 5, startedBy: 'mine' });
  const [other = ''] = await runTasks({ startedBy: 'other' });
  const found: string[] = [];
  let pages = 0;
  const config = { client: stack.client, pageSize: 2 };
  for await (const page of paginateListTasks(config, { cluster: 'Main', startedBy: 'mine' })) {
    found.push(...(page.taskArns ?? []));
    pages += 1;
  }
  expect(found).toEqual(mine.toSorted());
  expect(pages).toBe(3);
  await stack.client.send(new StopTaskCommand({ cluster: 'Main', task: other }));
  const list = async (more: object) =>
    (await stack.client.send(new ListTasksCommand({ cluster: 'Main', ...more }))).taskArns;
  expect(await list({ startedBy: 'other' })).toEqual([]);
  expect(await list({ startedBy: 'other', desiredStatus: 'STOPPED' })).toEqual([other]);
  expect(await list({ family: 'Work' })).toHaveLength(5);
  expect(await list({ family: 'Bare' })).toEqual([]);
});

it('describes tasks with their tags where asked, and reports an unknown one as missing', async () => {
  const [arn = ''] = await runTasks({ tags: [{ key: 'fleet', value: 'a' }], group: 'fleet:a' });
  const unknown = arn.replace(/[^/]+$/, '0'.repeat(32));
  const { tasks, failures } = await stack.client.send(
    new DescribeTasksCommand({ cluster: 'Main', tasks: [arn, unknown], include: ['TAGS'] }),
  );
  expect(tasks).toMatchObject([{ taskArn: arn, group: 'fleet:a', tags: [{ key: 'fleet', value: 'a' }] }]);
  expect(failures).toEqual([{ arn: unknown, reason: 'MISSING' }]);
  expect((await stack.describe(arn))?.tags).toEqual([]);
});

it('describes clusters, capacity providers and container instances', async () => {
  const [arn = ''] = await runTasks({});
  await stack.until(arn, 'RUNNING');
  const { clusters, failures } = await stack.client.send(
    new DescribeClustersCommand({ clusters: ['Main', 'none'] }),
  );
  expect(clusters).toMatchObject([{ clusterName: 'Main', status: 'ACTIVE', runningTasksCount: 1 }]);
  expect(failures).toEqual([{ arn: 'none', reason: 'MISSING' }]);
  const { capacityProviders } = await stack.client.send(
    new DescribeCapacityProvidersCommand({ capacityProviders: ['steady'] }),
  );
  expect(capacityProviders).toMatchObject([
    { name: 'steady', autoScalingGroupProvider: { autoScalingGroupArn: 'SteadyGroup' } },
  ]);
  const { containerInstanceArns = [] } = await stack.client.send(
    new ListContainerInstancesCommand({ cluster: 'Main' }),
  );
  const { containerInstances } = await stack.client.send(
    new DescribeContainerInstancesCommand({ cluster: 'Main', containerInstances: containerInstanceArns }),
  );
  const busy = containerInstances?.find((instance) => instance.runningTasksCount === 1);
  expect(busy).toMatchObject({ capacityProviderName: 'spot', ec2InstanceId: expect.stringMatching(/^i-/) });
  expect((await stack.describe(arn))?.containerInstanceArn).toBe(busy?.containerInstanceArn);
});
