import { expect, it } from 'vitest';
import type { FleetId } from '../../../core/ids.ts';
import { recordKeys } from '../../../core/keys.ts';
import type { Metrics } from '../../../core/metrics.ts';
import { newLoop } from '../../../core/protocol/loop.ts';
import { put } from '../../../core/records.ts';
import { handleSignal } from '../../../lambdas/signals/handler.ts';
import { parseSignal } from '../../../lambdas/signals/signal.ts';
import { memoryExecutions } from '../../fakes/executions.ts';
import { memoryFleetTasks } from '../../fakes/fleet-tasks.ts';
import { memoryRecords } from '../../fakes/records.ts';

const [one, two] = ['one', 'two'] as FleetId[] as [FleetId, FleetId];

async function signals() {
  const records = memoryRecords();
  const executions = memoryExecutions();
  for (const fleetId of [one, two]) {
    const loop = { ...newLoop(fleetId), state: 'running' as const, waiter: `token-${fleetId}` };
    await records.change(recordKeys.loop(fleetId), () => put(loop, undefined));
  }
  const tasks = memoryFleetTasks(() => 0);
  const fleets = [
    { id: one, gpuClass: 'small' },
    { id: two, gpuClass: 'large' },
  ];
  const groups = [{ name: 'group-small-spot', gpuClass: 'small', capacity: 'spot' as const }];
  const clock = { nowMs: () => 1_000 };
  const emitted: unknown[] = [];
  const metrics: Metrics = { emit: (...measured) => void emitted.push(measured) };
  const handle = handleSignal({ records, executions, tasks, clock, fleets, groups, metrics });
  return { records, executions, tasks, emitted, handle };
}

it('wakes the Fleet that started the Task', async () => {
  const { executions, handle } = await signals();
  const event = { 'detail-type': 'ECS Task State Change', detail: { startedBy: one, lastStatus: 'STOPPED' } };
  await handle(parseSignal(JSON.stringify(event)));
  expect(executions.tokens).toEqual(['token-one']);
});

it('notes why instances of a GPU class did not come, and wakes its Fleets', async () => {
  const { records, executions, emitted, handle } = await signals();
  const detail = {
    AutoScalingGroupName: 'group-small-spot',
    StatusMessage: 'Max spot instance count exceeded. Launching EC2 instance failed.',
  };
  await handle(parseSignal(JSON.stringify({ 'detail-type': 'EC2 Instance Launch Unsuccessful', detail })));
  expect(records.peek(recordKeys.launchTrouble(one, 'spot'))).toEqual({
    fleetId: one,
    capacity: 'spot',
    reason: 'quota',
    atMs: 1_000,
  });
  expect(records.peek(recordKeys.launchTrouble(two, 'spot'))).toBeNull();
  expect(emitted).toEqual([[{ LaunchFailures: 1 }, { gpuClass: 'small', capacity: 'spot' }]]);
  expect(executions.tokens).toEqual(['token-one']);
});

it('stops the Tasks on an instance that spot takes back, and lets every Fleet plan anew', async () => {
  const { executions, tasks, emitted, handle } = await signals();
  const event = {
    'detail-type': 'EC2 Spot Instance Interruption Warning',
    detail: { 'instance-id': 'i-1', 'instance-action': 'terminate' },
  };
  await handle(parseSignal(JSON.stringify(event)));
  expect(tasks.stoppedInstances).toEqual(['i-1']);
  expect(executions.tokens).toEqual(['token-one', 'token-two']);
  expect(emitted).toEqual([[{ Interruptions: 1 }]]);
});

it('does not count the Interruption of an instance that is not ours', async () => {
  const { tasks, emitted, handle } = await signals();
  tasks.stopOnInstance = async () => 'foreign';
  await handle({ kind: 'interruption', instanceId: 'i-other' });
  expect(emitted).toEqual([]);
});

it('leaves a loop that has stopped alone', async () => {
  const { records, executions, handle } = await signals();
  await records.change(recordKeys.loop(one), (loop) =>
    put({ ...(loop ?? newLoop(one)), state: 'stopped' as const, waiter: null }, undefined),
  );
  const before = records.peek(recordKeys.loop(one));
  await handle({ kind: 'fleet', fleetId: one });
  expect(executions.tokens).toEqual([]);
  expect(records.peek(recordKeys.loop(one))).toEqual(before);
});
