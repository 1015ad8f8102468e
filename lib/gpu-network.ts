import {
  GatewayVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

/**
 * Public subnets in every zone of the stack, no NAT and no way in. S3 and DynamoDB are reached by gateway
 * endpoints, which cost nothing.
 */
export class GpuNetwork extends Construct {
  readonly vpc: IVpc;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.60.0.0/16'),
      natGateways: 0,
      subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 20 }],
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
      restrictDefaultSecurityGroup: false,
    }) as IVpc; // Vpc declares an optional member in a way that exactOptionalPropertyTypes refuses.
    this.securityGroup = new SecurityGroup(this, 'NoInbound', {
      vpc: this.vpc,
      description: 'GPU instances: nothing in, everything out',
      allowAllOutbound: true,
    });
  }
}
