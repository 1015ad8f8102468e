import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeTasksCommand,
  ECSClient,
  RunTaskCommand,
  type RunTaskCommandInput,
} from '@aws-sdk/client-ecs';
import { vi } from 'vitest';
import { type Ecs, type EcsOptions, startEcs } from '../../../local/ecs/server.ts';
import type { EmittedEvent } from '../../../local/events/event.ts';

/** What the container of the test stack runs, by the word in the variable WORK. */
const PROGRAM = `
const { WORK, AWS_EC2_METADATA_SERVICE_ENDPOINT: imds, ECS_CONTAINER_METADATA_URI_V4: metadata } = process.env;
const stay = () => setInterval(() => {}, 1_000);
const get = async (path) => {
  const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const token = await (await fetch(imds + '/latest/api/token', { method: 'PUT', headers: ttl })).text();
  return fetch(imds + '/latest/meta-data/' + path, { headers: { 'x-aws-ec2-metadata-token': token } });
};
const works = {
  async exit() { process.exit(Number(process.env.CODE)); },
  async stay() { stay(); },
  async stubborn() { process.on('SIGTERM', () => console.log('ignored SIGTERM')); stay(); },
  async graceful() {
    process.on('SIGTERM', () => { console.log('got SIGTERM'); process.exit(0); });
    stay();
  },
  async watch() {
    process.on('SIGTERM', () => { console.log('got SIGTERM'); process.exit(9); });
    for (;;) {
      const answer = await get('spot/instance-action');
      if (answer.ok) return console.log('notice ' + (await answer.text())), stay();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
  async tell() {
    const v1 = await fetch(imds + '/latest/meta-data/instance-id');
    const pages = ['instance-id', 'instance-type', 'instance-life-cycle', 'placement/availability-zone'];
    const facts = await Promise.all(pages.map(async (page) => (await get(page)).text()));
    const rebalance = await get('events/recommendations/rebalance');
    const task = await (await fetch(metadata + '/task')).json();
    const container = await (await fetch(metadata)).json();
    const env = { base: process.env.BASE, over: process.env.OVER, fixed: process.env.FIXED, role: process.env.ROLE };
    const rest = { v1: v1.status, rebalance: rebalance.status, cwd: process.cwd() };
    console.log(JSON.stringify({ facts, task, container: container.Name, env, ...rest, argv: process.argv.slice(2) }));
  },
};
// Ready when its handlers of signals stand.
const working = works[WORK]();
console.log('ready');
await working;
`;

const resource = (logicalId: string, type: string, properties: Record<string, unknown>) => ({
  stack: 'Test',
  logicalId,
  type,
  properties,
  physicalId: logicalId,
});

const group = (logicalId: string, MaxSize: string, onDemandPercentage: number) =>
  resource(logicalId, 'AWS::AutoScaling::AutoScalingGroup', {
    MaxSize,
    MixedInstancesPolicy: {
      InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: onDemandPercentage },
      LaunchTemplate: { Overrides: [{ InstanceType: 'g6.xlarge' }] },
    },
  });

const provider = (logicalId: string, groupId: string) =>
  resource(logicalId, 'AWS::ECS::CapacityProvider', {
    AutoScalingGroupProvider: { AutoScalingGroupArn: groupId },
  });

const RESOURCES = {
  clusters: [resource('Main', 'AWS::ECS::Cluster', {})],
  autoScalingGroups: [group('SpotGroup', '2', 0), group('SteadyGroup', '1', 100)],
  capacityProviders: [provider('spot', 'SpotGroup'), provider('steady', 'SteadyGroup')],
  taskDefinitions: [
    {
      ...resource('Work', 'AWS::ECS::TaskDefinition', {
        TaskRoleArn: 'arn:aws:iam::123456789012:role/Worker',
        ContainerDefinitions: [
          {
            Name: 'agent',
            Image: 'agent:1',
            EntryPoint: ['node', 'main.mjs'],
            Command: ['plain'],
            WorkingDirectory: '/app',
            StopTimeout: 1,
            Environment: [
              { Name: 'BASE', Value: 'base' },
              { Name: 'OVER', Value: 'base' },
              { Name: 'FIXED', Value: 'base' },
            ],
          },
        ],
      }),
      physicalId: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/Work:3',
    },
    {
      ...resource('Bare', 'AWS::ECS::TaskDefinition', {
        ContainerDefinitions: [{ Name: 'agent', Image: 'x' }],
      }),
      physicalId: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/Bare:1',
    },
    {
      ...resource('Pair', 'AWS::ECS::TaskDefinition', {
        TaskRoleArn: 'arn:aws:iam::123456789012:role/Twin',
        ContainerDefinitions: [
          {
            Name: 'agent',
            Image: 'x',
            EntryPoint: ['sh', '-c', 'echo started $ROLE; sleep 60'],
            StopTimeout: 1,
          },
          { Name: 'helper', Image: 'x', Command: ['sh', '-c', 'exit 3'], Essential: false },
        ],
      }),
      physicalId: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/Pair:1',
    },
  ],
};

export interface TestStack {
  readonly ecs: Ecs;
  readonly client: ECSClient;
  readonly events: EmittedEvent[];
  readonly lines: string[];
  readonly imageRoot: string;
  /** Runs the task definition Work on spot, its container doing what the word says. */
  run(work: string, more?: Partial<RunTaskCommandInput>): Promise<string>;
  describe(taskArn: string): ReturnType<typeof describeTask>;
  /** The task's events in the order in which they came. */
  changesOf(taskArn: string): Record<string, unknown>[];
  until(taskArn: string, status: string): Promise<void>;
  untilLine(text: string): Promise<void>;
  close(): Promise<void>;
}

export async function startTestStack(options: Partial<EcsOptions> = {}): Promise<TestStack> {
  const imageRoot = mkdtempSync(join(tmpdir(), 'image-'));
  mkdirSync(join(imageRoot, 'app'));
  writeFileSync(join(imageRoot, 'app/main.mjs'), PROGRAM);
  const events: EmittedEvent[] = [];
  const lines: string[] = [];
  const ecs = await startEcs({
    ...RESOURCES,
    imageRoot,
    environment: { PATH: process.env['PATH'] ?? '', FIXED: 'stack' },
    region: 'eu-west-1',
    accountId: '123456789012',
    emit: (event) => events.push(event),
    onLog: (_, line) => lines.push(line),
    ...options,
  });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new ECSClient({ endpoint: ecs.url, region: 'eu-west-1', credentials, maxAttempts: 1 });
  const describe = (taskArn: string) => describeTask(client, taskArn);
  const wait = { timeout: 10_000, interval: 20 };
  return {
    ...{ ecs, client, events, lines, imageRoot, describe },
    async run(work, more) {
      const { tasks } = await client.send(new RunTaskCommand(runInput(work, more)));
      return tasks?.[0]?.taskArn ?? '';
    },
    changesOf: (taskArn) =>
      events
        .filter((event) => event.source === 'aws.ecs' && event.resources[0] === taskArn)
        .map((event) => event.detail as Record<string, unknown>),
    until: async (taskArn, status) => {
      await vi.waitUntil(async () => (await describe(taskArn))?.lastStatus === status, wait);
    },
    untilLine: async (text) => {
      await vi.waitUntil(() => lines.some((line) => line.includes(text)), wait);
    },
    async close() {
      await ecs.close();
      client.destroy();
      rmSync(imageRoot, { recursive: true });
    },
  };
}

export function runInput(work: string, more: Partial<RunTaskCommandInput> = {}): RunTaskCommandInput {
  const environment = [
    { name: 'WORK', value: work },
    { name: 'CODE', value: '7' },
    { name: 'OVER', value: 'override' },
    { name: 'FIXED', value: 'override' },
  ];
  return {
    cluster: 'Main',
    taskDefinition: 'Work',
    capacityProviderStrategy: [{ capacityProvider: 'spot' }],
    overrides: { containerOverrides: [{ name: 'agent', environment }] },
    ...more,
  };
}

async function describeTask(client: ECSClient, taskArn: string) {
  const { tasks } = await client.send(new DescribeTasksCommand({ cluster: 'Main', tasks: [taskArn] }));
  return tasks?.[0];
}
