import { identifier, type Naming, named, type TypeNames } from './naming.ts';

const property = (name: string): TypeNames['attributes'][string] => {
  return (subject) => {
    const value = subject.property(name);
    if (value === undefined) throw new Error(`${subject.stack}.${subject.logicalId} has no ${name}.`);
    return value;
  };
};

const withId = (prefix: string, attribute: string, more: TypeNames['attributes'] = {}): TypeNames => {
  const ref: Naming = identifier(prefix);
  return { ref, attributes: { [attribute]: ref, ...more } };
};

/** The network and instance types: nothing runs behind them here, but others name their ids. */
export const NETWORK_TYPES: Readonly<Record<string, TypeNames>> = {
  'AWS::EC2::VPC': withId('vpc', 'VpcId', {
    CidrBlock: property('CidrBlock'),
    DefaultSecurityGroup: identifier('sg', 'default'),
    DefaultNetworkAcl: identifier('acl', 'default'),
  }),
  'AWS::EC2::Subnet': withId('subnet', 'SubnetId', {
    AvailabilityZone: property('AvailabilityZone'),
    CidrBlock: property('CidrBlock'),
    VpcId: property('VpcId'),
  }),
  'AWS::EC2::SecurityGroup': withId('sg', 'GroupId', { VpcId: property('VpcId') }),
  'AWS::EC2::RouteTable': withId('rtb', 'RouteTableId'),
  'AWS::EC2::InternetGateway': withId('igw', 'InternetGatewayId'),
  'AWS::EC2::NatGateway': withId('nat', 'NatGatewayId'),
  'AWS::EC2::EIP': { ref: () => '192.0.2.1', attributes: { AllocationId: identifier('eipalloc') } },
  'AWS::EC2::VPCEndpoint': withId('vpce', 'Id'),
  'AWS::EC2::LaunchTemplate': withId('lt', 'LaunchTemplateId', {
    LatestVersionNumber: () => '1',
    DefaultVersionNumber: () => '1',
  }),
  'AWS::AutoScaling::AutoScalingGroup': { ref: named('AutoScalingGroupName', 255), attributes: {} },
};
