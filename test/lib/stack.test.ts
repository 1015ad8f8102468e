import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ENVIRONMENT } from '../../core/environment.ts';
import { alarmsOf, dashboardsOf } from './observability/stack-metrics.ts';
import { synthesized, VERSION } from './synthesized.ts';

const template = synthesized('dev');

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}
const actionsOf = ({ Action }: Statement): readonly string[] =>
  typeof Action === 'string' ? [Action] : Action;

/** Statements of the policies whose name holds `part`. */
function statements(part: string): readonly Statement[] {
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.includes(part))
    .flatMap(([, policy]) => policy['Properties'].PolicyDocument.Statement as readonly Statement[]);
}

describe('store', () => {
  it('keeps the logical ids of what holds data, so that no deploy replaces it', () => {
    expect(Object.keys(template.findResources('AWS::DynamoDB::Table'))).toEqual(['StoreTable0CCFA19B']);
    expect(Object.keys(template.findResources('AWS::S3::Bucket'))).toEqual([
      'StoreBucket4FBDE984',
      'ModelsBucket970C6ADA',
    ]);
    expect(Object.keys(template.findResources('AWS::ECR::Repository'))).toEqual(['ImagesRepository2D0F5B9C']);
    const ownKey = synthesized('dev', { encryption: { cmk: true } });
    expect(Object.keys(ownKey.findResources('AWS::KMS::Key'))).toEqual(['DataKey17AFBB84']);
  });

  it('keeps those of what holds messages, and of the API, whose address clients have', () => {
    expect(Object.keys(template.findResources('AWS::SQS::Queue'))).toEqual([
      ...['QueuesReportsDeadLetters2AE0C60F', 'QueuesReportsQueue68047003'],
      ...['QueuesSignalsDeadLetters4036A17E', 'QueuesSignalsQueue37ABA8C9'],
      ...['QueuesDispatchqwen38bDeadLettersFDF7870C', 'QueuesDispatchqwen38bQueueEA6245DE'],
      'QueuesDispatchqwen3embedding06bDeadLetters3A108669',
      'QueuesDispatchqwen3embedding06bQueueDA585597',
    ]);
    expect(Object.keys(template.findResources('AWS::ApiGateway::RestApi'))).toEqual(['ApiCD79AAA0']);
  });

  it('outlives the stack where the profile says so, and can be restored', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      },
    });
    template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain' });
  });

  it('is closed to the public and to plain HTTP', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });
});

describe('functions', () => {
  it('get only names that the code knows', () => {
    const known = new Set<string>(ENVIRONMENT);
    for (const [id, { Properties }] of Object.entries(template.findResources('AWS::Lambda::Function'))) {
      const names = Object.keys(Properties.Environment.Variables);
      const unknown = names.filter(
        (name) => !known.has(name) && !name.startsWith('POWERTOOLS_') && !name.startsWith('AWS_'),
      );
      expect(unknown, id).toEqual([]);
    }
  });

  it('know the version that is deployed, as Tasks do', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ VERSION }) },
    });
    template.allResourcesProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({ Environment: Match.arrayWith([{ Name: 'VERSION', Value: VERSION }]) }),
      ],
    });
  });

  it('measure in the namespace that the alarms of their own stack look at, as Tasks do', () => {
    const other = synthesized('dev', { stackName: 'Other' });
    const METRICS_NAMESPACE = 'Slackline/Other';
    other.allResourcesProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Environment: Match.arrayWith([{ Name: 'METRICS_NAMESPACE', Value: METRICS_NAMESPACE }]),
        }),
      ],
    });
    other.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ METRICS_NAMESPACE }) },
    });
    const looked = [...alarmsOf(other), ...dashboardsOf(other).flat()].map(({ namespace }) => namespace);
    const ours = looked.filter((namespace) => !namespace.startsWith('AWS/'));
    expect(new Set(ours)).toEqual(new Set([METRICS_NAMESPACE]));
  });

  it('keep their logs for a time, not for ever', () => {
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  it('have of Lambda itself only lines of calls that fail', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      LoggingConfig: Match.objectLike({ LogFormat: 'JSON', SystemLogLevel: 'WARN' }),
    });
  });

  it('take part of a batch of messages back', () => {
    template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });
});

describe('queues', () => {
  it('set aside what no one can take', () => {
    const queues = Object.entries(template.findResources('AWS::SQS::Queue'));
    const withoutRedrive = queues.filter(([, { Properties }]) => Properties.RedrivePolicy === undefined);
    expect(withoutRedrive.every(([id]) => id.includes('DeadLetters'))).toBe(true);
    expect(queues).toHaveLength(2 * withoutRedrive.length);
  });

  it('hide a message for six times as long as its consumer may take', () => {
    for (const id of ['QueuesReports', 'QueuesSignals']) {
      const [queue] = Object.entries(template.findResources('AWS::SQS::Queue'))
        .filter(([logicalId]) => logicalId.startsWith(id) && !logicalId.includes('DeadLetters'))
        .map(([, { Properties }]) => Properties);
      expect(queue.VisibilityTimeout, id).toBe(360);
    }
  });
});

describe('GPU capacity', () => {
  it('buys spot and on-demand apart, from zero instances', () => {
    const groups = Object.values(template.findResources('AWS::AutoScaling::AutoScalingGroup'));
    const shares = groups.map(
      ({ Properties }) =>
        Properties.MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity,
    );
    expect(shares.sort((a, b) => a - b)).toEqual([0, 100]);
    for (const { Properties } of groups) {
      expect(Properties).toMatchObject({ MinSize: '0', NewInstancesProtectedFromScaleIn: true });
      expect(Properties.CapacityRebalance ?? false).toBe(false);
    }
  });

  it('asks spot for the pools with the most capacity for the price', () => {
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      MixedInstancesPolicy: { InstancesDistribution: { SpotAllocationStrategy: 'price-capacity-optimized' } },
    });
  });

  it('has no NAT gateway, nothing inbound, and no metadata without a token', () => {
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.allResourcesProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
    template.allResourcesProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: { MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 } },
    });
  });

  it('gives a Task its GPUs, an init process, shared memory, and the time that an Interruption leaves', () => {
    template.allResourcesProperties('AWS::ECS::TaskDefinition', {
      NetworkMode: 'host',
      ContainerDefinitions: [
        Match.objectLike({
          Essential: true,
          StopTimeout: 110,
          ResourceRequirements: [{ Type: 'GPU', Value: '1' }],
          LinuxParameters: Match.objectLike({ InitProcessEnabled: true, SharedMemorySize: 8192 }),
        }),
      ],
    });
  });

  it('lets an agent neither delete, nor read inputs and outputs, nor touch records but Shards', () => {
    const allowed = statements('TaskRole');
    const actions = allowed.flatMap(actionsOf);
    expect(actions).toContain('s3:PutObject');
    expect(actions.filter((action) => /delete/i.test(action) && !action.startsWith('sqs:'))).toEqual([]);
    expect(actions).not.toContain('s3:*');
    const records = allowed.filter((statement) =>
      actionsOf(statement).some((each) => each.startsWith('dynamodb:')),
    );
    for (const { Condition } of records) {
      expect(Condition).toEqual({
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['T#*#BATCH#*'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      });
    }
    const reads = allowed.filter((statement) => actionsOf(statement).includes('s3:GetObject'));
    expect(JSON.stringify(reads)).not.toContain('/files/');
  });

  it('starts Tasks in its own cluster alone', () => {
    const runs = statements('scheduleract').filter((statement) =>
      actionsOf(statement).includes('ecs:RunTask'),
    );
    expect(runs).toHaveLength(1);
    expect(runs[0]?.Condition).toHaveProperty('ArnEquals');
  });
});

describe('API', () => {
  it('may write its access logs in an account that has never had an API', () => {
    template.resourceCountIs('AWS::ApiGateway::Account', 1);
  });

  it('has metrics of the whole, which are free, and none of each method', () => {
    template.allResourcesProperties('AWS::ApiGateway::Stage', {
      MethodSettings: [Match.objectLike({ MetricsEnabled: false })],
    });
  });

  it('answers preflights although every media type is binary', () => {
    const preflights = Object.values(template.findResources('AWS::ApiGateway::Method')).filter(
      ({ Properties }) => Properties.HttpMethod === 'OPTIONS',
    );
    expect(preflights.length).toBeGreaterThan(0);
    for (const { Properties } of preflights) {
      expect(Properties.Integration.ContentHandling).toBe('CONVERT_TO_TEXT');
    }
  });

  it('asks for a key on every route but the preflight', () => {
    const methods = Object.values(template.findResources('AWS::ApiGateway::Method'));
    for (const { Properties } of methods) {
      const open = Properties.HttpMethod === 'OPTIONS';
      expect(Properties.AuthorizationType).toBe(open ? 'NONE' : 'CUSTOM');
    }
  });

  it('answers its own errors in the shape that OpenAI clients read', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::ApiGateway::GatewayResponse'))) {
      const text = Properties.ResponseTemplates['application/json'].replace(
        '$context.error.messageString',
        '"Bad request"',
      );
      expect(Object.keys(JSON.parse(text).error)).toEqual(['message', 'type', 'param', 'code']);
    }
  });
});

describe('the instance keeper', () => {
  it('changes our groups alone, and no other record than that of idle instances', () => {
    const allowed = statements('instancekeeperRole');
    const onGroups = allowed.filter((each) => actionsOf(each).includes('autoscaling:SetDesiredCapacity'));
    expect(JSON.stringify(onGroups.map(({ Resource }) => Resource))).toMatch(/autoScalingGroupName\//);
    const onRecords = allowed.filter((each) => actionsOf(each).some((name) => name.startsWith('dynamodb:')));
    expect(onRecords.map(({ Condition }) => Condition)).toEqual([
      {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['CAPACITY'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    ]);
  });

  it('looks when a Task waits or has stopped, and every minute', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({
        detail: Match.objectLike({ lastStatus: ['PROVISIONING', 'STOPPED'] }),
      }),
    });
    template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' });
  });
});
