import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { lifecycleInput, parseRounds } from '../lifecycle-input.ts';
import { stepHandler } from '../step.ts';
import { assess } from './handler.ts';

const env = readEnvironment(process.env, [
  'TABLE_NAME',
  'BUCKET_NAME',
  'LIFECYCLE_ROUNDS_SECONDS',
  'LIFECYCLE_MACHINE_ARN',
]);

export const handler = stepHandler(
  assess({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    objects: s3Objects(new S3Client(), env.BUCKET_NAME),
    executions: sfnExecutions(new SFNClient(), { 'batch-lifecycle': env.LIFECYCLE_MACHINE_ARN }),
    clock: { nowMs: Date.now },
    rounds: parseRounds(env.LIFECYCLE_ROUNDS_SECONDS),
  }),
  { schema: lifecycleInput, logger: new Logger({ serviceName: 'lifecycle-assess' }) },
);
