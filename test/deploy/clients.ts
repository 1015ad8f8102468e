import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { roleArn } from '../../scripts/ministack/deployed-stack.ts';
import type { Things } from './things.ts';

/** Clients that act as one role. */
export type As = ReturnType<typeof clientsOf>;
export type Call = (as: As, things: Things) => Promise<unknown>;

/** Not by the role's profile: a process reads those once, and an update makes further roles. */
export function clientsOf(role: string) {
  const credentials = credentialsOf(role);
  const options = { credentials: () => credentials, maxAttempts: 1 };
  return {
    autoScaling: new AutoScalingClient(options),
    dynamodb: new DynamoDBClient(options),
    ecs: new ECSClient(options),
    events: new EventBridgeClient(options),
    s3: new S3Client(options),
    sfn: new SFNClient(options),
    sqs: new SQSClient(options),
  };
}

async function credentialsOf(role: string) {
  const named = { RoleArn: roleArn(role), RoleSessionName: 'test' };
  const { Credentials } = await new STSClient().send(new AssumeRoleCommand(named));
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}
