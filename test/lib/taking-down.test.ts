import { describe, expect, it } from 'vitest';
import { synthesized } from './synthesized.ts';

const EMPTYING = 'Custom::S3AutoDeleteObjects';

describe('a stack that keeps no data', () => {
  const template = synthesized('stage');
  const buckets = Object.keys(template.findResources('AWS::S3::Bucket'));

  it('takes its buckets, table and images with it, full as they are', () => {
    for (const type of ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::ECR::Repository']) {
      template.allResources(type, { DeletionPolicy: 'Delete' });
    }
    template.allResourcesProperties('AWS::ECR::Repository', { EmptyOnDelete: true });
    const emptied = Object.values(template.findResources(EMPTYING)).map(
      ({ Properties }) => Properties.BucketName.Ref,
    );
    expect(emptied.toSorted()).toEqual(buckets.toSorted());
  });

  it('lets the function that empties them do so in them alone, and takes its logs too', () => {
    const [id, ...others] = Object.entries(template.findResources('AWS::Lambda::Function'))
      .filter(([, { Properties }]) => /auto-deleting/.test(JSON.stringify(Properties.Description)))
      .map(([logicalId]) => logicalId);
    expect(others).toEqual([]);
    const { Properties } = template.findResources('AWS::Lambda::Function')[id ?? ''] ?? {};
    const [role] = Properties.Role['Fn::GetAtt'];
    expect(template.findResources('AWS::IAM::Role')[role]?.['Properties'].Policies).toBeUndefined();
    const policies = Object.values(template.findResources('AWS::IAM::Policy'));
    expect(policies.filter(({ Properties: { Roles } }) => JSON.stringify(Roles).includes(role))).toEqual([]);
    const logs = template.findResources('AWS::Logs::LogGroup')[Properties.LoggingConfig.LogGroup.Ref];
    expect(logs).toMatchObject({ DeletionPolicy: 'Delete', Properties: { RetentionInDays: 14 } });
  });

  it('lets nobody else reach a bucket by its policy', () => {
    const policies = Object.values(template.findResources('AWS::S3::BucketPolicy'));
    const allowed = policies.flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow'),
    );
    expect(allowed).toHaveLength(buckets.length);
    for (const { Principal } of allowed) {
      expect(JSON.stringify(Principal)).toContain('S3AutoDeleteObjectsCustomResourceProviderRole');
    }
  });
});

describe('a stack that keeps its data', () => {
  const template = synthesized('dev');

  it('leaves buckets, table and images where they are, and has nobody who could empty them', () => {
    for (const type of ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::ECR::Repository']) {
      template.allResources(type, { DeletionPolicy: 'Retain' });
    }
    template.allResourcesProperties('AWS::ECR::Repository', { EmptyOnDelete: false });
    template.resourceCountIs(EMPTYING, 0);
    const functions = template.findResources('AWS::Lambda::Function');
    expect(Object.keys(functions).filter((id) => /AutoDelete/.test(id))).toEqual([]);
  });
});
