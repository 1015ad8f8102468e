import { randomBytes } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { s3Objects } from '../../adapters/aws/objects.ts';
import { dynamoRecords } from '../../adapters/aws/records.ts';
import { readCatalogue } from '../../adapters/catalogue.ts';
import { readEnvironment } from '../../adapters/environment.ts';
import { retentionSchema } from '../../core/retention/retention.ts';
import { lifecycleInput } from '../lifecycle-input.ts';
import { stepHandler } from '../step.ts';
import { intake } from './handler.ts';

const env = readEnvironment(process.env, ['TABLE_NAME', 'BUCKET_NAME', 'RETENTION']);

export const handler = stepHandler(
  intake({
    records: dynamoRecords(new DynamoDBClient(), env.TABLE_NAME),
    objects: s3Objects(new S3Client(), env.BUCKET_NAME),
    fleets: readCatalogue(import.meta.dirname).fleets,
    clock: { nowMs: Date.now },
    retention: retentionSchema.parse(JSON.parse(env.RETENTION)),
    newAttempt: () => randomBytes(8).toString('hex'),
  }),
  { schema: lifecycleInput, logger: new Logger({ serviceName: 'lifecycle-intake' }) },
);
