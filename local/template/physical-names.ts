import {
  arn,
  generatedName,
  globalArn,
  type Naming,
  named,
  type Subject,
  shortId,
  type TypeNames,
  uuid,
} from './naming.ts';
import { NETWORK_TYPES } from './network-names.ts';
import { URL_SUFFIX } from './pseudo-parameters.ts';

const bucketName: Naming = (s) => String(s.property('BucketName') ?? generatedName(s, 63).toLowerCase());
const tableName = named('TableName', 255);
const tableArn: Naming = (s) => arn(s, 'dynamodb', `table/${tableName(s)}`);
const roleName = named('RoleName', 64);
const rolePath: Naming = (s) => String(s.property('Path') ?? '/');
const functionName = named('FunctionName', 64);
const functionArn: Naming = (s) => arn(s, 'lambda', `function:${functionName(s)}`);
const stateMachineName = named('StateMachineName', 80);
const stateMachineArn: Naming = (s) => arn(s, 'states', `stateMachine:${stateMachineName(s)}`);
const clusterName = named('ClusterName', 255);
const taskDefinitionArn: Naming = (s) => arn(s, 'ecs', `task-definition/${named('Family', 255)(s)}:1`);
const serviceArn: Naming = (s) =>
  arn(s, 'ecs', `service/${s.property('Cluster')}/${named('ServiceName', 255)(s)}`);
const ruleName = named('Name', 64);
const topicName = named('TopicName', 256);
const topicArn: Naming = (s) => arn(s, 'sns', topicName(s));
const logGroupName = named('LogGroupName', 512);
const alarmName = named('AlarmName', 255);
const repositoryName: Naming = (s) =>
  String(s.property('RepositoryName') ?? generatedName(s, 256).toLowerCase());

const TYPES: Readonly<Record<string, TypeNames>> = {
  ...NETWORK_TYPES,
  'AWS::S3::Bucket': {
    ref: bucketName,
    attributes: {
      Arn: (s) => `arn:${s.environment.partition}:s3:::${bucketName(s)}`,
      DomainName: (s) => `${bucketName(s)}.s3.${URL_SUFFIX}`,
      RegionalDomainName: (s) => `${bucketName(s)}.s3.${s.environment.region}.${URL_SUFFIX}`,
    },
  },
  'AWS::DynamoDB::Table': table(),
  'AWS::DynamoDB::GlobalTable': table(),
  'AWS::SQS::Queue': {
    ref: queueUrl,
    attributes: { Arn: (s) => arn(s, 'sqs', queueName(s)), QueueName: queueName, QueueUrl: queueUrl },
  },
  'AWS::Lambda::Function': { ref: functionName, attributes: { Arn: functionArn } },
  'AWS::Lambda::Version': {
    ref: (s) => `${arnOfFunction(s)}:1`,
    attributes: { Version: () => '1', FunctionArn: (s) => `${arnOfFunction(s)}:1` },
  },
  'AWS::Lambda::Alias': {
    ref: (s) => `${arnOfFunction(s)}:${s.property('Name')}`,
    attributes: { AliasArn: (s) => `${arnOfFunction(s)}:${s.property('Name')}` },
  },
  'AWS::Lambda::EventSourceMapping': {
    ref: uuid,
    attributes: {
      Id: uuid,
      EventSourceMappingArn: (s) => arn(s, 'lambda', `event-source-mapping:${uuid(s)}`),
    },
  },
  'AWS::IAM::Role': {
    ref: roleName,
    attributes: {
      Arn: (s) => globalArn(s, 'iam', `role${rolePath(s)}${roleName(s)}`),
      RoleId: (s) => `AROA${shortId('role')(s).toUpperCase()}`,
    },
  },
  'AWS::IAM::InstanceProfile': {
    ref: named('InstanceProfileName', 128),
    attributes: {
      Arn: (s) => globalArn(s, 'iam', `instance-profile/${named('InstanceProfileName', 128)(s)}`),
    },
  },
  'AWS::IAM::ManagedPolicy': { ref: policyArn, attributes: { PolicyArn: policyArn } },
  'AWS::StepFunctions::StateMachine': {
    ref: stateMachineArn,
    attributes: {
      Arn: stateMachineArn,
      Name: stateMachineName,
      StateMachineRevisionId: () => 'INITIAL',
    },
  },
  'AWS::ApiGateway::RestApi': {
    ref: shortId(),
    attributes: { RootResourceId: shortId('root'), RestApiId: shortId() },
  },
  'AWS::ApiGateway::Resource': { ref: shortId(), attributes: { ResourceId: shortId() } },
  'AWS::ApiGateway::Method': { ref: shortId(), attributes: {} },
  'AWS::ApiGateway::Deployment': { ref: shortId(), attributes: { DeploymentId: shortId() } },
  'AWS::ApiGateway::Stage': { ref: (s) => String(s.property('StageName') ?? 'default'), attributes: {} },
  'AWS::ApiGateway::Authorizer': { ref: shortId(), attributes: { AuthorizerId: shortId() } },
  'AWS::ApiGateway::GatewayResponse': { ref: shortId(), attributes: { Id: shortId() } },
  'AWS::ECS::Cluster': {
    ref: clusterName,
    attributes: { Arn: (s) => arn(s, 'ecs', `cluster/${clusterName(s)}`) },
  },
  'AWS::ECS::TaskDefinition': {
    ref: taskDefinitionArn,
    attributes: { TaskDefinitionArn: taskDefinitionArn },
  },
  'AWS::ECS::CapacityProvider': { ref: named('Name', 255), attributes: {} },
  'AWS::ECS::ClusterCapacityProviderAssociations': {
    ref: (s) => String(s.property('Cluster')),
    attributes: {},
  },
  'AWS::ECS::Service': {
    ref: serviceArn,
    attributes: { ServiceArn: serviceArn, Name: named('ServiceName', 255) },
  },
  'AWS::Events::Rule': {
    ref: ruleName,
    attributes: { Arn: (s) => arn(s, 'events', `rule/${ruleName(s)}`) },
  },
  'AWS::Events::EventBus': {
    ref: named('Name', 256),
    attributes: {
      Arn: (s) => arn(s, 'events', `event-bus/${named('Name', 256)(s)}`),
      Name: named('Name', 256),
    },
  },
  'AWS::Scheduler::Schedule': {
    ref: named('Name', 64),
    attributes: { Arn: (s) => arn(s, 'scheduler', `schedule/default/${named('Name', 64)(s)}`) },
  },
  'AWS::SNS::Topic': { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: topicName } },
  'AWS::Logs::LogGroup': {
    ref: logGroupName,
    attributes: { Arn: (s) => `${arn(s, 'logs', `log-group:${logGroupName(s)}`)}:*` },
  },
  'AWS::KMS::Key': {
    ref: uuid,
    attributes: { Arn: (s) => arn(s, 'kms', `key/${uuid(s)}`), KeyId: uuid },
  },
  'AWS::KMS::Alias': { ref: (s) => String(s.property('AliasName')), attributes: {} },
  'AWS::CloudWatch::Alarm': alarm(),
  'AWS::CloudWatch::CompositeAlarm': alarm(),
  'AWS::CloudWatch::Dashboard': { ref: named('DashboardName', 255), attributes: {} },
  'AWS::SecretsManager::Secret': { ref: secretArn, attributes: { Id: secretArn } },
  'AWS::SSM::Parameter': {
    ref: named('Name', 1011),
    attributes: { Type: (s) => s.property('Type'), Value: (s) => s.property('Value') },
  },
  'AWS::ECR::Repository': {
    ref: repositoryName,
    attributes: {
      Arn: (s) => arn(s, 'ecr', `repository/${repositoryName(s)}`),
      RepositoryUri: (s) =>
        `${s.environment.accountId}.dkr.ecr.${s.environment.region}.${URL_SUFFIX}/${repositoryName(s)}`,
    },
  },
  'AWS::CloudFront::Distribution': {
    ref: shortId(),
    attributes: { Id: shortId(), DomainName: (s) => `${shortId('domain')(s)}.cloudfront.net` },
  },
  'AWS::CloudFront::OriginAccessControl': { ref: shortId(), attributes: { Id: shortId() } },
};

/** A resource's physical id, what `Ref` gives. A type outside the table gets an id of no special form. */
export function refOf(subject: Subject): string {
  return TYPES[subject.type]?.ref(subject) ?? generatedName(subject, 255);
}

/** An attribute, what `Fn::GetAtt` gives. Throws for one that the type does not have in the table. */
export function attributeOf(subject: Subject, attribute: string): unknown {
  const names = TYPES[subject.type];
  const value = names?.attributes[attribute];
  if (value !== undefined) return value(subject);
  if (names === undefined && attribute === 'Arn') return arn(subject, 'local', generatedName(subject, 255));
  throw new Error(
    `Fn::GetAtt ${subject.stack}.${subject.logicalId}.${attribute}: ` +
      `the local stack knows no attribute ${attribute} of ${subject.type}.`,
  );
}

function table(): TypeNames {
  return {
    ref: tableName,
    attributes: {
      Arn: tableArn,
      // The label is when a stream was switched on; a fixed one keeps the ARN a function of the name.
      StreamArn: (s) => `${tableArn(s)}/stream/2026-01-01T00:00:00.000`,
      TableId: uuid,
    },
  };
}

function alarm(): TypeNames {
  return { ref: alarmName, attributes: { Arn: (s) => arn(s, 'cloudwatch', `alarm:${alarmName(s)}`) } };
}

function queueName(s: Subject): string {
  const name = named('QueueName', 75)(s);
  return String(s.property('FifoQueue')) === 'true' && !name.endsWith('.fifo') ? `${name}.fifo` : name;
}

function queueUrl(s: Subject): string {
  return `${s.environment.endpoints.sqs}/${s.environment.accountId}/${queueName(s)}`;
}

function arnOfFunction(s: Subject): string {
  const nameOrArn = String(s.property('FunctionName'));
  return nameOrArn.startsWith('arn:') ? nameOrArn : arn(s, 'lambda', `function:${nameOrArn}`);
}

function policyArn(s: Subject): string {
  return globalArn(s, 'iam', `policy${rolePath(s)}${named('ManagedPolicyName', 128)(s)}`);
}

function secretArn(s: Subject): string {
  return arn(s, 'secretsmanager', `secret:${named('Name', 256)(s)}-${shortId()(s).slice(0, 6)}`);
}
