import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { StopTaskCommand } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { awsGpuInstances } from '../../../adapters/aws/gpu-instances.ts';
import { EXIT_CODES } from '../../../core/agent/exit-code.ts';
import type { GpuInstance } from '../../../core/fleet/instances.ts';
import type { GpuInstances } from '../../../core/fleet/instances-port.ts';
import { startAutoScaling } from '../../../local/auto-scaling/server.ts';
import type { Listener } from '../../../local/aws-json/listen.ts';
import { startTestStack, type TestStack } from '../ecs/test-stack.ts';

const SPOT = { name: 'SpotGroup', capacityProvider: 'spot', gpusPerInstance: 1, maxInstances: 2 };
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

let stack: TestStack;
let autoScaling: Listener;
let instances: GpuInstances;

beforeEach(async () => {
  stack = await startTestStack();
  autoScaling = await startAutoScaling({ pools: stack.ecs.pools });
  const client = new AutoScalingClient({ endpoint: autoScaling.url, region: 'eu-west-1', credentials });
  const options = { clusterArn: 'Main', groups: [SPOT], gpusPerTask: {} };
  instances = awsGpuInstances({ ecs: stack.client, autoScaling: client }, options);
});
afterEach(async () => {
  await autoScaling.close();
  await stack.close();
});

const spot = async () => (await instances.look())[0];
const oneFree = { busy: false, freeGpus: 1, draining: false, failed: false };

it('sees nothing before anything runs', async () => {
  expect(await spot()).toEqual({
    ...{ name: 'SpotGroup', gpusPerInstance: 1, maxInstances: 2 },
    ...{ desired: 0, launched: 0, waitingGpus: 0, instances: [] },
  });
});

it('brings up the instances that are wished for, and sees them free', async () => {
  await instances.resize('SpotGroup', 2);
  await vi.waitUntil(async () => (await spot())?.instances.length === 2);
  expect(await spot()).toMatchObject({ desired: 2, launched: 2, instances: [oneFree, oneFree] });
});

it('ends a free instance and lowers the wish', async () => {
  await instances.resize('SpotGroup', 1);
  await vi.waitUntil(async () => (await spot())?.instances.length === 1);
  const [instance] = (await spot())?.instances ?? [];
  if (instance === undefined) throw new Error('No instance stands.');
  expect(await instances.end(instance)).toBe('ended');
  expect(await spot()).toMatchObject({ desired: 0, launched: 0, instances: [] });
});

it('keeps an instance that a Task is on, and lets it take Tasks again', async () => {
  const arn = await stack.run('graceful');
  await stack.untilLine('ready');
  const [instance] = (await spot())?.instances ?? [];
  if (instance === undefined) throw new Error('No instance stands.');
  expect(instance.busy).toBe(true);
  expect(await instances.end(instance)).toBe('busy');
  expect((await spot())?.instances).toEqual([{ ...instance, draining: false }]);
  await stack.client.send(new StopTaskCommand({ cluster: 'Main', task: arn }));
  await stack.until(arn, 'STOPPED');
});

describe('an instance whose Task has ended', () => {
  /** As soon as the Task has ended with this code. */
  async function standingAfter(code: number): Promise<GpuInstance> {
    const environment = [
      { name: 'WORK', value: 'exit' },
      { name: 'CODE', value: String(code) },
    ];
    const overrides = { containerOverrides: [{ name: 'agent', environment }] };
    await stack.until(await stack.run('exit', { overrides }), 'STOPPED');
    const [instance] = (await spot())?.instances ?? [];
    if (instance === undefined) throw new Error('No instance stands.');
    return instance;
  }

  it('has failed where the agent said so by its exit code, and by no other', async () => {
    expect(await standingAfter(EXIT_CODES.failed)).toMatchObject({ ...oneFree, failed: false });
    const failed = await standingAfter(EXIT_CODES.gpuFailed);
    expect(failed).toMatchObject({ ...oneFree, failed: true });
    expect(await instances.end(failed)).toBe('ended');
    expect(await spot()).toMatchObject({ desired: 0, instances: [] });
  });

  it('takes no Task any more once it drains, also where one has come just before it was to end', async () => {
    const failed = await standingAfter(EXIT_CODES.gpuFailed);
    const arn = await stack.run('graceful');
    await stack.untilLine('ready');
    expect(await instances.end(failed)).toBe('busy');
    const draining = { ...failed, busy: true, freeGpus: 0, draining: true };
    expect((await spot())?.instances).toEqual([draining]);
    await stack.client.send(new StopTaskCommand({ cluster: 'Main', task: arn }));
    await stack.until(arn, 'STOPPED');
    expect((await spot())?.instances).toEqual([{ ...failed, draining: true }]);
  });

  it('drains when it is told to, and the next Task goes to another', async () => {
    const failed = await standingAfter(EXIT_CODES.gpuFailed);
    await instances.drain(failed);
    await stack.run('stay');
    await vi.waitUntil(async () => (await spot())?.instances.length === 2);
    expect((await spot())?.instances).toContainEqual({ ...failed, draining: true });
  });
});

it('counts the GPUs of Tasks that wait', async () => {
  for (let i = 0; i < 3; i++) await stack.run('stay');
  await vi.waitUntil(async () => (await spot())?.instances.filter(({ busy }) => busy).length === 2);
  expect(await spot()).toMatchObject({ waitingGpus: 1, desired: 2 });
});

it('refuses a wish above the group’s largest size', async () => {
  await expect(instances.resize('SpotGroup', 3)).rejects.toThrow(/above max value 2/);
});
