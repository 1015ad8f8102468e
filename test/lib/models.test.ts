import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { adapterSchema } from '../../core/fleet/adapter.ts';
import { readConfig } from '../../lib/config.ts';
import { ModelStore } from '../../lib/model-store.ts';
import { permissionsOf } from '../../scripts/template/permissions.ts';
import { resourcesOf } from '../../scripts/template/resources.ts';
import { CONFIG, synthesized, withStack } from './synthesized.ts';

const template = synthesized('dev');
const BUCKET = 'ModelsBucket970C6ADA';
/** What a role may do with the model bucket, a line for each action and resource. */
const allowedTo = (rolePath: string): readonly string[] =>
  permissionsOf(withStack('dev', {}, resourcesOf))
    .filter(({ role }) => role.path === rolePath)
    .flatMap(({ permissions }) => permissions)
    .flatMap(({ actions, resources }) =>
      resources
        .filter((resource) => resource.startsWith(`<${BUCKET}.`))
        .flatMap((resource) => actions.map((action) => `${action} ${resource.replace(/^<[^>]+>/, '')}`)),
    )
    .toSorted();

describe('model bucket', () => {
  it('is closed to the public and to plain HTTP, and outlives the stack where data is kept', () => {
    template.allResources('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: Match.objectLike({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        BucketEncryption: Match.anyValue(),
      }),
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      Bucket: { Ref: BUCKET },
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
    synthesized('demo').hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });

  it('drops what an interrupted pull left, and compiled kernels by age; never weights', () => {
    const { Properties } = template.findResources('AWS::S3::Bucket')[BUCKET] ?? {};
    expect(Properties.LifecycleConfiguration.Rules).toEqual([
      { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 }, Status: 'Enabled' },
      { Prefix: 'compile-cache/', ExpirationInDays: 90, Status: 'Enabled' },
    ]);
    expect(Properties.VersioningConfiguration).toBeUndefined();
  });

  it('lets a Task read the weights of its own Fleet, and write compiled kernels alone', () => {
    expect(allowedTo('Gpu/Task-qwen3-8b/Definition/TaskRole')).toEqual([
      's3:GetObject /compile-cache/qwen3-8b/*',
      's3:GetObject /models/qwen3-8b/*',
      's3:ListBucket ',
      's3:PutObject /compile-cache/qwen3-8b/*',
    ]);
  });

  it('lets a Task read the adapters of its Fleet that lie there', () => {
    const [fleet] = readConfig(CONFIG, 'dev').catalogue.fleets;
    if (fleet === undefined) throw new Error('The profile has no Fleet.');
    const adapters = [
      { id: 'sql', source: 'bucket', repository: 'acme/sql', revision: 'a'.repeat(40) },
      { id: 'local', source: 'folder', path: '/adapters/local' },
    ].map((adapter) => adapterSchema.parse(adapter));
    const stack = new Stack();
    const role = new Role(stack, 'Role', { assumedBy: new AccountRootPrincipal() });
    new ModelStore(stack, 'Models', { keepData: true, encryptionKey: null }).grantReadModel(role, {
      ...fleet,
      adapters,
    });
    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    const text = JSON.stringify(policy);
    expect(text).toContain('/adapters/sql/*');
    expect(text).not.toContain('/adapters/local/*');
  });

  it('is named to Tasks, and as an output', () => {
    template.allResourcesProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Environment: Match.arrayWith([{ Name: 'MODEL_BUCKET_NAME', Value: { Ref: BUCKET } }]),
        }),
      ],
    });
    template.hasOutput('ModelBucketName', { Value: { Ref: BUCKET } });
  });
});

describe('image repository', () => {
  it('moves no tag, scans what comes, and keeps ten images', () => {
    template.hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'Retain',
      Properties: {
        ImageTagMutability: 'IMMUTABLE',
        ImageScanningConfiguration: { ScanOnPush: true },
        LifecyclePolicy: { LifecyclePolicyText: Match.serializedJson(Match.objectLike({})) },
      },
    });
    const [repository] = Object.values(template.findResources('AWS::ECR::Repository'));
    const { rules } = JSON.parse(repository?.['Properties'].LifecyclePolicy.LifecyclePolicyText);
    expect(rules).toHaveLength(1);
    expect(rules[0].selection).toMatchObject({ tagStatus: 'any', countNumber: 10 });
  });

  it('goes with its images where no data is kept', () => {
    synthesized('demo').hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'Delete',
      Properties: { EmptyOnDelete: true },
    });
  });

  it('is read by the roles that start Tasks, and named as an output', () => {
    const [id = ''] = Object.keys(template.findResources('AWS::ECR::Repository'));
    const pulls = Object.entries(template.findResources('AWS::IAM::Policy'))
      .filter(([, policy]) => JSON.stringify(policy).includes('ecr:BatchGetImage'))
      .map(([policy]) => policy);
    expect(pulls).toHaveLength(2);
    for (const policy of pulls) expect(policy).toMatch(/DefinitionExecutionRole/);
    expect(JSON.stringify(template.findOutputs('ImageRepositoryUri'))).toContain(id);
  });
});
