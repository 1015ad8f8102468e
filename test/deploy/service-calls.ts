import { DescribeAutoScalingGroupsCommand, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  ListContainerInstancesCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Call } from './clients.ts';
import type { Things } from './things.ts';

type Name = (things: Things) => string;

const send =
  (queue: Name): Call =>
  ({ sqs }, things) =>
    sqs.send(new SendMessageCommand({ QueueUrl: queue(things), MessageBody: '{}' }));
const receive =
  (queue: Name): Call =>
  ({ sqs }, things) =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl: queue(things), VisibilityTimeout: 0 }));
const start =
  (machine: Name): Call =>
  ({ sfn }, things) =>
    sfn.send(new StartExecutionCommand({ stateMachineArn: machine(things), input: 'not JSON' }));
const see =
  (machine: Name): Call =>
  ({ sfn }, things) => {
    const executionArn = `${machine(things).replace(':stateMachine:', ':execution:')}:unknown`;
    return sfn.send(new DescribeExecutionCommand({ executionArn }));
  };
const run =
  (taskDefinition: Name): Call =>
  ({ ecs }, things) =>
    ecs.send(
      new RunTaskCommand({
        cluster: things.cluster,
        taskDefinition: taskDefinition(things),
        capacityProviderStrategy: [{ capacityProvider: 'of-a-test' }],
      }),
    );
const listTasks =
  (cluster: Name): Call =>
  ({ ecs }, things) =>
    ecs.send(new ListTasksCommand({ cluster: cluster(things) }));
const stop =
  (cluster: Name): Call =>
  ({ ecs }, things) => {
    const task = `${cluster(things).replace(':cluster/', ':task/')}/unknown`;
    return ecs.send(new StopTaskCommand({ cluster: cluster(things), task }));
  };
const resize =
  (group: Name): Call =>
  ({ autoScaling }, things) =>
    autoScaling.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: group(things), DesiredCapacity: 1000 }),
    );

const readModel =
  (Key: string): Call =>
  ({ s3 }, { models }) =>
    s3.send(new GetObjectCommand({ Bucket: models, Key }));
const writeModel =
  (Key: string): Call =>
  ({ s3 }, { models }) =>
    s3.send(new PutObjectCommand({ Bucket: models, Key, Body: '{}' }));

const others =
  (name: Name): Name =>
  (things) =>
    `${name(things)}-of-others`;

/** What else may be done in the account. Where it is allowed it changes nothing: each is wrong, or is of the unknown. */
export const SERVICE_CALLS = {
  'scan the table': ({ dynamodb }, { table }) => dynamodb.send(new ScanCommand({ TableName: table })),
  'report a Shard': send(({ reports }) => reports),
  'take a report': receive(({ reports }) => reports),
  'dispatch a Shard': send(({ dispatch }) => dispatch),
  'take a dispatched Shard': receive(({ dispatch }) => dispatch),
  'start a lifecycle': start(({ lifecycle }) => lifecycle),
  'see a lifecycle': see(({ lifecycle }) => lifecycle),
  'start a loop': start(({ scheduler }) => scheduler),
  'see a loop': see(({ scheduler }) => scheduler),
  'run a Task': run(({ taskDefinition }) => taskDefinition),
  'run a Task of others': run(others(({ taskDefinition }) => taskDefinition)),
  'list the Tasks': listTasks(({ cluster }) => cluster),
  'list the Tasks of others': listTasks(others(({ cluster }) => cluster)),
  'stop a Task': stop(({ cluster }) => cluster),
  'stop a Task of others': stop(others(({ cluster }) => cluster)),
  'list the instances': ({ ecs }, { cluster }) => ecs.send(new ListContainerInstancesCommand({ cluster })),
  'see the groups': ({ autoScaling }) => autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
  'resize a group': resize(({ group }) => group),
  'resize a group of others': resize(others(({ group }) => group)),
  'read weights': readModel('models/qwen3-8b/main/config.json'),
  'read weights of others': readModel('models/of-others/main/config.json'),
  'write weights': writeModel('models/qwen3-8b/main/config.json'),
  'keep compiled kernels': writeModel('compile-cache/qwen3-8b/of-a-test.tar.gz'),
  'keep compiled kernels of others': writeModel('compile-cache/of-others/of-a-test.tar.gz'),
  'send an event': ({ events }) =>
    events.send(new PutEventsCommand({ Entries: [{ Source: 'test', DetailType: 'test', Detail: '{}' }] })),
} satisfies Record<string, Call>;

export type ServiceCall = keyof typeof SERVICE_CALLS;
