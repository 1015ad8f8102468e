import { Stack } from 'aws-cdk-lib';
import type { Cluster } from 'aws-cdk-lib/aws-ecs';
import { type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { allow } from './permission.ts';

/** What the ECS agent reports of the instance. */
const ON_CLUSTER = [
  ...['ecs:RegisterContainerInstance', 'ecs:DeregisterContainerInstance', 'ecs:SubmitTaskStateChange'],
  ...['ecs:SubmitContainerStateChange', 'ecs:SubmitAttachmentStateChanges'],
];

/**
 * Joins one cluster and no more, because the host's network exposes this role to Tasks. Images are pulled and logs are
 * written by the execution roles of Tasks. CDK and AWS's managed policy would add both, for the whole account.
 */
export function instanceRole(scope: Construct, id: string, cluster: Cluster): IRole {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  const conditions = { ArnEquals: { 'ecs:cluster': cluster.clusterArn } };
  const resourceName = `${cluster.clusterName}/*`;
  const instances = Stack.of(scope).formatArn({
    service: 'ecs',
    resource: 'container-instance',
    resourceName,
  });
  allow(role, { actions: ON_CLUSTER, resources: [cluster.clusterArn] });
  allow(role, {
    // The last is how the ECS agent drains an instance that spot takes back.
    actions: ['ecs:Poll', 'ecs:StartTelemetrySession', 'ecs:UpdateContainerInstancesState'],
    resources: [instances],
    conditions,
    because: 'An instance gets its id when it joins; the condition holds it to this cluster.',
  });
  allow(role, {
    actions: ['ecs:DiscoverPollEndpoint'],
    resources: ['*'],
    because: 'ECS knows no resource for the address of its own endpoint.',
  });
  return role.withoutPolicyUpdates();
}
