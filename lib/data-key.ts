import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { allow } from './permission.ts';

/** One key of the account's own for everything that the stack keeps. Without it nothing of that can be read again. */
export function dataKey(scope: Construct, id: string, props: { readonly keepData: boolean }): IKey {
  const key = new Key(scope, id, {
    description: `Data of ${Stack.of(scope).stackName}`,
    enableKeyRotation: true,
    removalPolicy: props.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  const { partition, region, account } = Stack.of(scope);
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: [...READ, ...WRITE],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*`,
        },
      },
    }),
  );
  // Alarms and rules put messages where the key encrypts them.
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: ['cloudwatch', 'events'].map((name) => new ServicePrincipal(`${name}.amazonaws.com`)),
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
  );
  return key;
}

const READ = ['kms:Decrypt', 'kms:DescribeKey'] as const;
const WRITE = ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'] as const;

export interface KeyUse {
  readonly encryptionKey: IKey | null;
  /** Through which services alone, by the names in their addresses. */
  readonly via: readonly ('dynamodb' | 's3' | 'sqs')[];
  readonly writes: boolean;
}

/** Lets somebody use the key for what a service encrypts with it; nothing where the keys are AWS's own. */
export function allowKeyUse(grantee: IGrantable, { encryptionKey, via, writes }: KeyUse): void {
  if (encryptionKey === null) return;
  const { region } = Stack.of(encryptionKey);
  allow(grantee, {
    actions: writes ? [...READ, ...WRITE] : READ,
    resources: [encryptionKey.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': via.map((name) => `${name}.${region}.amazonaws.com`) } },
  });
}
