import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { sfnExecutions } from '../../adapters/aws/executions.ts';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { lifecycleInput } from '../lifecycle-input.ts';
import { stepHandler } from '../step.ts';
import { enrol } from './handler.ts';

const env = readEnvironment(process.env, ['TABLE_NAME', 'BUCKET_NAME', 'SCHEDULER_MACHINE_ARN']);

export const handler = stepHandler(
  enrol({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    objects: s3Objects(new S3Client(), env.BUCKET_NAME),
    executions: sfnExecutions(new SFNClient(), { 'fleet-scheduler': env.SCHEDULER_MACHINE_ARN }),
    clock: { nowMs: Date.now },
  }),
  { schema: lifecycleInput, logger: new Logger({ serviceName: 'lifecycle-enrol' }) },
);
