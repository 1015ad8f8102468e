import { z } from 'zod';
import type { Counts } from './counts.ts';
import { billedSeconds } from './lambda-time.ts';
import { type Cost, DAYS_PER_MONTH, HOURS_PER_MONTH, type Prices } from './prices.ts';
import { functionsOf, isTraced, type Resource, schedulesOf } from './template.ts';

const MINUTES_PER_MONTH = DAYS_PER_MONTH * 1440;
const GB = 1e9;

/** Cost nothing while nothing happens, but for the bytes that they hold. */
const FREE_WHILE_IDLE = new Set([
  ...['AWS::ApiGateway::Account', 'AWS::ApiGateway::Authorizer', 'AWS::ApiGateway::Deployment'],
  ...['AWS::ApiGateway::GatewayResponse', 'AWS::ApiGateway::Method', 'AWS::ApiGateway::Resource'],
  ...['AWS::ApiGateway::RestApi', 'AWS::ApiGateway::Stage', 'AWS::ApiGateway::RequestValidator'],
  ...['AWS::AutoScaling::AutoScalingGroup', 'AWS::AutoScaling::LifecycleHook', 'AWS::CDK::Metadata'],
  ...['AWS::DynamoDB::Table', 'AWS::ECR::Repository', 'AWS::ECS::Cluster', 'AWS::ECS::TaskDefinition'],
  ...['AWS::ECS::CapacityProvider', 'AWS::ECS::ClusterCapacityProviderAssociations'],
  ...['AWS::EC2::InternetGateway', 'AWS::EC2::LaunchTemplate', 'AWS::EC2::Route', 'AWS::EC2::RouteTable'],
  ...['AWS::EC2::SecurityGroup', 'AWS::EC2::Subnet', 'AWS::EC2::SubnetRouteTableAssociation'],
  ...['AWS::EC2::VPC', 'AWS::EC2::VPCGatewayAttachment', 'AWS::Events::Rule', 'AWS::IAM::InstanceProfile'],
  ...['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::Lambda::EventInvokeConfig'],
  ...['AWS::Lambda::Function', 'AWS::Lambda::Permission', 'AWS::Logs::LogGroup', 'AWS::Logs::MetricFilter'],
  // Budgets cost where they act by themselves, which ours do not.
  ...['AWS::Logs::QueryDefinition', 'AWS::Budgets::Budget'],
  ...['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::SNS::Subscription', 'AWS::SNS::Topic'],
  ...['AWS::SNS::TopicPolicy', 'AWS::SQS::Queue', 'AWS::SQS::QueuePolicy'],
  'AWS::StepFunctions::StateMachine',
]);

/** USD a month of one resource that is there. */
const STANDING: Readonly<Record<string, (prices: Prices) => number>> = {
  'AWS::CloudWatch::Alarm': ({ alarmMonth }) => alarmMonth,
  'AWS::CloudWatch::Dashboard': ({ dashboardMonth }) => dashboardMonth,
  'AWS::KMS::Key': ({ customerKeyMonth }) => customerKeyMonth,
  'AWS::EC2::NatGateway': ({ natGatewayHour }) => natGatewayHour * HOURS_PER_MONTH,
  'AWS::EC2::EIP': ({ publicIpv4Hour }) => publicIpv4Hour * HOURS_PER_MONTH,
};

/** Five readers of a queue, each of which asks every 20 s (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
const POLLS_PER_MINUTE = 5 * 3;
/** Target tracking makes two for each capacity provider that ECS scales. */
const ALARMS_OF_MANAGED_SCALING = 2;

/** USD a month of a stack with no work. Throws on a type of resource of which it does not know what it costs. */
export function idleCosts(resources: readonly Resource[], counts: Counts, prices: Prices): readonly Cost[] {
  return [
    ...standing(resources, prices),
    managedScaling(resources, prices),
    ...schedulesOf(resources).flatMap((schedule) => scheduled(schedule, { resources, counts, prices })),
    polling(resources, prices),
  ].filter(({ usd }) => usd > 0);
}

/** What CloudWatch gives every account for nothing, for ever: dashboards of up to 50 metrics, and alarms. */
const FREE_DASHBOARDS = 3;
const FREE_ALARMS = 10;

/** USD a month that an account does not pay in which nothing else uses CloudWatch. */
export function freeAllowance(resources: readonly Resource[], prices: Prices): number {
  const count = (type: string) => resources.filter((resource) => resource.type === type).length;
  return (
    Math.min(FREE_DASHBOARDS, count('AWS::CloudWatch::Dashboard')) * prices.dashboardMonth +
    Math.min(FREE_ALARMS, count('AWS::CloudWatch::Alarm')) * prices.alarmMonth
  );
}

function standing(resources: readonly Resource[], prices: Prices): readonly Cost[] {
  const counts = new Map<string, number>();
  for (const { type, logicalId, properties } of resources) {
    if (FREE_WHILE_IDLE.has(type) || type === 'AWS::Lambda::EventSourceMapping') continue;
    if (type === 'AWS::EC2::VPCEndpoint' && properties['VpcEndpointType'] === 'Gateway') continue;
    if (STANDING[type] === undefined) {
      throw new Error(`What does ${logicalId}, a ${type}, cost while idle? Say so in scripts/cost/idle.ts.`);
    }
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts].map(([type, count]) => {
    const each = STANDING[type]?.(prices) ?? 0;
    return { what: type, how: `${count} at $${each.toFixed(2)}`, usd: count * each };
  });
}

const capacityProvider = z.object({
  AutoScalingGroupProvider: z.object({
    ManagedScaling: z.object({ Status: z.string().optional() }).optional(),
  }),
});

function managedScaling(resources: readonly Resource[], { alarmMonth }: Prices): Cost {
  const scaled = resources
    .filter(({ type }) => type === 'AWS::ECS::CapacityProvider')
    .map(({ properties }) => capacityProvider.parse(properties).AutoScalingGroupProvider.ManagedScaling)
    .filter((scaling) => scaling?.Status === 'ENABLED').length;
  const alarms = scaled * ALARMS_OF_MANAGED_SCALING;
  return {
    what: 'Alarms that ECS makes',
    how: `${alarms}, for ${scaled} capacity providers`,
    usd: alarms * alarmMonth,
  };
}

interface Given {
  readonly resources: readonly Resource[];
  readonly counts: Counts;
  readonly prices: Prices;
}

function scheduled(
  { name, perMinute }: { readonly name: string; readonly perMinute: number },
  { resources, counts, prices }: Given,
): readonly Cost[] {
  const memoryMiB = functionsOf(resources).find((fn) => fn.name === name)?.memoryMiB ?? 0;
  const counted = counts.calls.callers[name];
  if (counted === undefined) throw new Error(`No run counted ${name}: npm run cost -- --count`);
  const calls = perMinute * MINUTES_PER_MONTH;
  const share = calls / counted.invocations;
  const seconds = billedSeconds(counted, memoryMiB) * share;
  const compute = calls * prices.lambdaRequest + seconds * (memoryMiB / 1024) * prices.lambdaGbSecondArm;
  const records = counted.readUnits * share * prices.dynamoDbReadUnit;
  const logBytes = counted.logBytes * share;
  const how = `${Math.round(calls)} calls, ${((seconds / calls) * 1000).toFixed(0)} ms each`;
  return [
    { what: `Function ${name}`, how, usd: compute + records },
    {
      what: `Traces of ${name}`,
      how: 'one a call',
      usd: isTraced(resources) ? calls * prices.xrayTrace : 0,
    },
    {
      what: `Logs of ${name}`,
      how: `${(logBytes / 1e6).toFixed(0)} MB`,
      usd: (logBytes / GB) * prices.logsIngestedGb,
    },
  ];
}

function polling(resources: readonly Resource[], { sqsRequest }: Prices): Cost {
  const queues = resources.filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping').length;
  const requests = queues * POLLS_PER_MINUTE * MINUTES_PER_MONTH;
  return {
    what: "Lambda's polling of queues",
    how: `${queues} queues, ${(requests / 1e6).toFixed(1)} million requests`,
    usd: requests * sqsRequest,
  };
}
