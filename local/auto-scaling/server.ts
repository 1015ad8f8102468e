import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Listener, listen } from '../aws-json/listen.ts';
import { RefusedCall } from '../aws-json/refused-call.ts';
import type { Pool } from '../ecs/capacity/pool.ts';
import { renderElements, type XmlChild } from '../s3/xml.ts';

const NAMESPACE = 'http://autoscaling.amazonaws.com/doc/2011-01-01/';

type Parameters = URLSearchParams;
type Result = readonly XmlChild[];
type Action = (pools: readonly Pool[], parameters: Parameters) => Promise<Result> | Result;

const ACTIONS: Readonly<Record<string, Action>> = {
  DescribeAutoScalingGroups: describeGroups,
  SetDesiredCapacity: setDesiredCapacity,
  TerminateInstanceInAutoScalingGroup: terminateInstance,
};

/** Serves what of Auto Scaling is about the instances of pools, over the AWS Query protocol on 127.0.0.1. */
export function startAutoScaling({
  pools,
  port,
}: {
  readonly pools: readonly Pool[];
  readonly port?: number;
}): Promise<Listener> {
  return listen((request, response) => {
    answer(pools, request, response).catch((error: unknown) => {
      if (!response.headersSent) refuse(response, 500, new RefusedCall('InternalFailure', String(error)));
    });
  }, port);
}

async function answer(
  pools: readonly Pool[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parameters = new URLSearchParams(await text(request));
  const name = parameters.get('Action') ?? '';
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  try {
    if (action === undefined) {
      const known = Object.keys(ACTIONS).join(', ');
      throw new RefusedCall('InvalidAction', `The local stack has no action "${name}", only: ${known}.`);
    }
    const result = await action(pools, parameters);
    const metadata: XmlChild = ['ResponseMetadata', [['RequestId', randomUUID()]]];
    send(response, 200, { root: `${name}Response`, content: [[`${name}Result`, result], metadata] });
  } catch (error) {
    if (!(error instanceof RefusedCall)) throw error;
    refuse(response, 400, error);
  }
}

function describeGroups(pools: readonly Pool[], parameters: Parameters): Result {
  const wanted = [...parameters].flatMap(([key, value]) =>
    key.startsWith('AutoScalingGroupNames.') ? [value] : [],
  );
  const found = pools.filter(({ provider }) => wanted.length === 0 || wanted.includes(provider.groupName));
  return [['AutoScalingGroups', found.map((pool) => ['member', describeGroup(pool)])]];
}

function describeGroup(pool: Pool): Result {
  const { groupName, autoScalingGroupArn, slots } = pool.provider;
  const instances = pool.instances().map(
    ({ id, availabilityZone }): XmlChild => [
      'member',
      [
        ['InstanceId', id],
        ['AvailabilityZone', availabilityZone],
        ['LifecycleState', 'InService'],
        ['HealthStatus', 'Healthy'],
        ['ProtectedFromScaleIn', true],
      ],
    ],
  );
  return [
    ['AutoScalingGroupName', groupName],
    ['AutoScalingGroupARN', autoScalingGroupArn],
    ['MinSize', 0],
    ['MaxSize', slots],
    ['DesiredCapacity', pool.desired()],
    ['Instances', instances],
  ];
}

function setDesiredCapacity(pools: readonly Pool[], parameters: Parameters): Result {
  const name = parameters.get('AutoScalingGroupName') ?? '';
  const pool = pools.find(({ provider }) => provider.groupName === name);
  if (pool === undefined) throw refused(`AutoScalingGroup name not found - no such group: ${name}`);
  const desired = Number(parameters.get('DesiredCapacity'));
  if (desired > pool.provider.slots) {
    throw refused(
      `New SetDesiredCapacity value ${desired} is above max value ${pool.provider.slots} for the AutoScalingGroup.`,
    );
  }
  pool.setDesired(desired);
  return [];
}

async function terminateInstance(pools: readonly Pool[], parameters: Parameters): Promise<Result> {
  const id = parameters.get('InstanceId') ?? '';
  const pool = pools.find((each) => each.instances().some((instance) => instance.id === id));
  const instance = pool?.instances().find((each) => each.id === id);
  if (pool === undefined || instance === undefined) throw refused(`Instance Id not found - ${id}`);
  if (instance.taskId !== undefined) throw refused(`A task runs on ${id}: here only an idle one is ended.`);
  if (parameters.get('ShouldDecrementDesiredCapacity') === 'true') pool.setDesired(pool.desired() - 1);
  await pool.remove(id);
  return [
    [
      'Activity',
      [
        ['ActivityId', randomUUID()],
        ['StatusCode', 'InProgress'],
      ],
    ],
  ];
}

const refused = (message: string): RefusedCall => new RefusedCall('ValidationError', message);

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function refuse(response: ServerResponse, status: number, { code, message }: RefusedCall): void {
  const error: Result = [
    ['Type', 'Sender'],
    ['Code', code],
    ['Message', message],
  ];
  const content: Result = [
    ['Error', error],
    ['RequestId', randomUUID()],
  ];
  send(response, status, { root: 'ErrorResponse', content });
}

function send(
  response: ServerResponse,
  status: number,
  { root, content }: { readonly root: string; readonly content: Result },
): void {
  const body = `<${root} xmlns="${NAMESPACE}">${renderElements(content)}</${root}>`;
  response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
}
