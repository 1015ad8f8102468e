import { describe, expect, it } from 'vitest';
import { readCounts } from '../../../scripts/cost/counts.ts';
import { idleCosts } from '../../../scripts/cost/idle.ts';
import { readPrices, totalOf } from '../../../scripts/cost/prices.ts';
import { resourcesOf } from '../../../scripts/cost/template.ts';
import { synthesized } from '../../lib/synthesized.ts';

const prices = readPrices();
const counts = readCounts();
const idle = idleCosts(resourcesOf(synthesized('dev').toJSON()), counts, prices);

describe('the idle costs', () => {
  const costOf = (
    ...added: readonly { readonly type: string; readonly properties?: Record<string, unknown> }[]
  ) =>
    totalOf(
      idleCosts(
        added.map(({ type, properties = {} }, i) => ({ logicalId: `Added${i}`, type, properties })),
        counts,
        prices,
      ),
    );

  it('refuse a type of resource of which nobody has said what it costs', () => {
    expect(() => costOf({ type: 'AWS::RDS::DBInstance' })).toThrow(/Added0, a AWS::RDS::DBInstance/);
    expect(() =>
      costOf({ type: 'AWS::EC2::VPCEndpoint', properties: { VpcEndpointType: 'Interface' } }),
    ).toThrow(/VPCEndpoint/);
  });

  it('hold what stands, and nothing of what is free while idle', () => {
    expect(
      costOf(
        { type: 'AWS::SQS::Queue' },
        { type: 'AWS::EC2::VPCEndpoint', properties: { VpcEndpointType: 'Gateway' } },
      ),
    ).toBe(0);
    expect(costOf({ type: 'AWS::CloudWatch::Alarm' }, { type: 'AWS::KMS::Key' })).toBeCloseTo(1.1);
    expect(costOf({ type: 'AWS::EC2::NatGateway' })).toBeCloseTo(32.85);
  });

  it('hold the alarms that ECS makes, the polling of queues, and what a clock calls', () => {
    const provider = { AutoScalingGroupProvider: { ManagedScaling: { Status: 'ENABLED' } } };
    expect(costOf({ type: 'AWS::ECS::CapacityProvider', properties: provider })).toBeCloseTo(0.2);
    expect(costOf({ type: 'AWS::Lambda::EventSourceMapping' })).toBeCloseTo(0.2628);
    const lines = idle.map(({ what }) => what);
    expect(lines).toContain('Function sweeper');
    expect(lines).not.toContain('Traces of sweeper');
  });
});
