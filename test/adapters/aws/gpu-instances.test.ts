import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ECSClient } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { awsGpuInstances } from '../../../adapters/aws/gpu-instances.ts';

/** A client that answers everything with this. */
const answering = <Client extends object>(client: Client, answer: object): Client =>
  Object.assign(client, { send: async () => answer });

it('counts an instance that is being ended no more, and one that is pending as launched', async () => {
  const states = ['Pending:Wait', 'InService', 'Terminating:Wait', 'Terminated'];
  const Instances = states.map((LifecycleState, i) => ({ InstanceId: `i-${i}`, LifecycleState }));
  const group = { AutoScalingGroupName: 'spot', DesiredCapacity: 2, Instances };
  const instances = awsGpuInstances(
    {
      ecs: answering(new ECSClient({ region: 'eu-west-1' }), {}),
      autoScaling: answering(new AutoScalingClient({ region: 'eu-west-1' }), { AutoScalingGroups: [group] }),
    },
    {
      clusterArn: 'cluster',
      groups: [{ name: 'spot', capacityProvider: 'spot', gpusPerInstance: 1, maxInstances: 4 }],
      gpusPerTask: {},
    },
  );
  expect(await instances.look()).toEqual([
    {
      ...{ name: 'spot', gpusPerInstance: 1, maxInstances: 4, waitingGpus: 0, desired: 2, launched: 2 },
      instances: [{ id: 'i-1', arn: null, busy: false, freeGpus: 0, draining: false, failed: false }],
    },
  ]);
});
