import { describe, expect, it } from 'vitest';
import { flatReference } from '../../lib/flat-reference.ts';
import { type Resource, resourcesOf } from '../../scripts/template/resources.ts';
import { withStack } from './synthesized.ts';

const resources = withStack('dev', {}, resourcesOf);
const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const ofType = (type: string, all = resources): readonly Resource[] =>
  all.filter((each) => each.type === type);
const [onDemand, spot] = ['on-demand', 'spot'].map((option) =>
  ofType(GROUP).find(({ path }) => path.includes(`gpu-24gb-${option}/`)),
);

/** What an instance of a group runs at its first start, as one text. */
function userDataOf(group: Resource | undefined): string {
  const { LaunchTemplate } = group?.properties['MixedInstancesPolicy'] ?? {};
  const id = LaunchTemplate.LaunchTemplateSpecification.LaunchTemplateId.Ref;
  const template = resources.find(({ logicalId }) => logicalId === id);
  return flatReference(template?.properties['LaunchTemplateData'].UserData['Fn::Base64']);
}

describe('instances', () => {
  const draining = 'ECS_ENABLE_SPOT_INSTANCE_DRAINING=true';

  it('of spot take no Task once they are under notice', () => {
    expect(userDataOf(spot).split('\n')).toContain(`echo ${draining} >> /etc/ecs/ecs.config`);
    expect(userDataOf(spot).indexOf(draining)).toBeLessThan(userDataOf(spot).indexOf('ECS_CLUSTER='));
  });

  it('may say of themselves that they drain', () => {
    const role = ofType('AWS::IAM::Policy').find(({ path }) => path.includes('InstanceRole'));
    expect(JSON.stringify(role?.properties)).toContain('ecs:UpdateContainerInstancesState');
  });

  it('on demand are never under notice', () => {
    expect(userDataOf(onDemand)).toContain('ECS_CLUSTER=');
    expect(userDataOf(onDemand)).not.toContain('SPOT');
  });

  it('are at most as many as the quota of their class has, for either purchase option', () => {
    expect([spot, onDemand].map((group) => group?.properties['MaxSize'])).toEqual(['12', '4']);
  });
});

describe('capacity providers', () => {
  it('scale, drain and end instances, and none that a Task is on', () => {
    const providers = ofType('AWS::ECS::CapacityProvider');
    expect(providers).toHaveLength(2);
    for (const { path, properties } of providers) {
      expect(properties['AutoScalingGroupProvider'], path).toMatchObject({
        ManagedScaling: { Status: 'ENABLED', TargetCapacity: 100 },
        ManagedDraining: 'ENABLED',
        ManagedTerminationProtection: 'ENABLED',
      });
    }
  });
});

describe('groups', () => {
  it.each([
    ['three zones', { zones: 3 }, 3],
    ['six zones', { zones: 6 }, 6],
    ['a private network', { zones: 3, privateNetwork: true }, 3],
  ])('look for GPUs in every zone of the stack: %s', (_, changes, zones) => {
    const all = withStack('dev', changes, resourcesOf);
    const subnets = ofType('AWS::EC2::Subnet', all);
    const zonesOf = subnets.map(({ properties }) => JSON.stringify(properties['AvailabilityZone']));
    expect(new Set(zonesOf).size).toBe(zones);
    const ids = subnets.map(({ logicalId }) => `<${logicalId}>`).toSorted();
    const groups = ofType(GROUP, all);
    expect(groups).toHaveLength(2);
    for (const { path, properties } of groups) {
      expect(properties['VPCZoneIdentifier'].map(flatReference).toSorted(), path).toEqual(ids);
    }
  });
});
