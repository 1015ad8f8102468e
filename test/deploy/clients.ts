import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECSClient } from '@aws-sdk/client-ecs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Things } from './things.ts';

/** Clients that act as one role. */
export type As = ReturnType<typeof clientsOf>;
export type Call = (as: As, things: Things) => Promise<unknown>;

/** The role is a profile of its own name; a client assumes it at its first call. */
export function clientsOf(profile: string) {
  const options = { profile, maxAttempts: 1 };
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
