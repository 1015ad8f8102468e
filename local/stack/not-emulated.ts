import { GATEWAY_NOT_EMULATED } from '../gateway/not-emulated.ts';
import { LAMBDA_NOT_EMULATED } from '../lambda/not-emulated.ts';
import type { Deployment } from '../template/deployment.ts';
import { unsupportedTypes } from '../template/unsupported-types.ts';

/** The types that something here runs, and those that mean nothing but to CloudFormation itself. */
const EMULATED = new Set([
  'AWS::ApiGateway::Account',
  'AWS::ApiGateway::Authorizer',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Resource',
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGateway::Stage',
  'AWS::AutoScaling::AutoScalingGroup',
  'AWS::CDK::Metadata',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::ECS::CapacityProvider',
  'AWS::ECS::Cluster',
  'AWS::ECS::ClusterCapacityProviderAssociations',
  'AWS::ECS::TaskDefinition',
  'AWS::Events::Rule',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
  'AWS::Scheduler::Schedule',
  'AWS::StepFunctions::StateMachine',
]);

const STACK_NOT_EMULATED: readonly string[] = [
  'IAM: every call is allowed, whoever makes it; S3 alone checks signatures',
  'X-Ray traces, CloudWatch metrics and alarms; logs go to files',
  'SQS keeps messages in memory: those of a stopped stack are gone',
  'S3 lifecycle rules, versions, encryption and bucket policies',
  'DynamoDB point-in-time recovery and capacity limits',
  'Step Functions goes on with no execution over a restart: what ran is ABORTED',
  'EventBridge retries and dead-letter queues of targets; what has a rate fires once more at each start',
  'ECS images, GPUs, memory limits and networks: a container is a process of this machine',
];

/** What a deployment has on AWS and not here: resource types by name, then what the emulated ones lack. */
export function notEmulated(deployment: Deployment): readonly string[] {
  const types = unsupportedTypes(deployment, EMULATED);
  return [...types, ...STACK_NOT_EMULATED, ...LAMBDA_NOT_EMULATED, ...GATEWAY_NOT_EMULATED];
}
