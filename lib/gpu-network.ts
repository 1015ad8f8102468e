import { Stack } from 'aws-cdk-lib';
import {
  FlowLog,
  FlowLogDestination,
  FlowLogResourceType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { type LogSettings, logGroup } from './log-group.ts';

export interface GpuNetworkProps {
  /** No public addresses and no way to the internet. */
  readonly isPrivate: boolean;
  /** Who spoke with the instances; null: nobody writes it down. */
  readonly flowLogs: LogSettings | null;
}

/** What the ECS agent, the pull of images, the logs and the agents of Tasks call. S3 and DynamoDB have gateways. */
const INTERFACES = {
  Ecs: InterfaceVpcEndpointAwsService.ECS,
  EcsAgent: InterfaceVpcEndpointAwsService.ECS_AGENT,
  EcsTelemetry: InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
  Ecr: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Sqs: InterfaceVpcEndpointAwsService.SQS,
} as const;

/**
 * Subnets in every zone of the stack, no NAT and no way in: public ones, where an address is a way out, or isolated
 * ones. S3 and DynamoDB are reached by gateway endpoints, which cost nothing.
 */
export class GpuNetwork extends Construct {
  readonly vpc: IVpc;
  readonly securityGroup: SecurityGroup;
  readonly subnetType: SubnetType;
  /** Instances need one where they have no other way out. */
  readonly publicAddresses: boolean;

  constructor(scope: Construct, id: string, { isPrivate, flowLogs }: GpuNetworkProps) {
    super(scope, id);
    this.publicAddresses = !isPrivate;
    this.subnetType = isPrivate ? SubnetType.PRIVATE_ISOLATED : SubnetType.PUBLIC;
    const name = isPrivate ? 'private' : 'public';
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.60.0.0/16'),
      // Else the first three: the rest of the stack's zones would have no instances.
      maxAzs: Stack.of(this).availabilityZones.length,
      natGateways: 0,
      subnetConfiguration: [{ name, subnetType: this.subnetType, cidrMask: 20 }],
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
      restrictDefaultSecurityGroup: false,
    });
    this.vpc = vpc as IVpc; // Vpc declares an optional member in a way that exactOptionalPropertyTypes refuses.
    this.securityGroup = new SecurityGroup(this, 'NoInbound', {
      vpc: this.vpc,
      description: 'GPU instances: nothing in, everything out',
      allowAllOutbound: true,
    });
    if (isPrivate) this.addInterfaces(vpc);
    if (flowLogs !== null) this.logFlows(flowLogs);
    else acknowledge(vpc, { 'AwsSolutions-VPC7': 'The profile does without flow logs.' });
  }

  private addInterfaces(vpc: Vpc): void {
    const description = 'Endpoints: HTTPS from the GPU instances';
    const securityGroup = new SecurityGroup(this, 'Endpoints', { vpc: this.vpc, description });
    securityGroup.addIngressRule(this.securityGroup, Port.HTTPS);
    for (const [name, service] of Object.entries(INTERFACES)) {
      vpc.addInterfaceEndpoint(name, { service, open: false, securityGroups: [securityGroup] });
    }
  }

  private logFlows(settings: LogSettings): void {
    new FlowLog(this, 'Flows', {
      resourceType: FlowLogResourceType.fromVpc(this.vpc),
      destination: FlowLogDestination.toCloudWatchLogs(logGroup(this, 'FlowLogs', settings)),
    });
  }
}
